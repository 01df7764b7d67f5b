#include "relay/fanout/subscription.h"

#include <utility>

namespace framewire::relay {

void Subscriptions::add(Subscription& subscription) {
  subscription.joining = true;
  all_.push_back(&subscription);
}

void Subscriptions::remove(Subscription& subscription) {
  FW_ASSERT(std::erase(all_, &subscription) == 1);
}

void Subscriptions::join(Subscription& subscription, bool over) {
  const auto group = over ? std::nullopt : ring_.newest_group();
  subscription.joining = false;
  subscription.next = group.value_or(ring_.end());
  subscription.wants_group = !group && !over && !ring_.empty();
  subscription.told_end = over;
  give(subscription);
}

void Subscriptions::give() {
  for (Subscription* subscription : all_) give(*subscription);
}

void Subscriptions::give(Subscription& to) {
  if (to.joining || to.next == ring_.end() || !find_group(to)) return;
  for (; to.next < ring_.end(); ++to.next) {
    const RingEntry& entry = ring_.at(to.next);
    if (to.epoch != entry.epoch->number) {
      to.epoch = entry.epoch->number;
      to.subscriber.on_epoch(entry.epoch);
    }
    if (!entry.part->facts().init) to.subscriber.on_part(entry);
  }
  to.subscriber.on_given();
}

// False: there is none yet to read on from.
bool Subscriptions::find_group(Subscription& to) {
  if (to.next < ring_.begin() && !to.wants_group) {  // it outgrew the ring before it was given
    to.wants_group = true;
    if (to.epoch != 0) to.subscriber.on_gap();
  }
  if (!to.wants_group) return true;
  const auto group = ring_.group_from(to.next);
  if (group) to.next = *group;
  to.wants_group = !group;
  return group.has_value();
}

void Subscriptions::end(std::string_view reason) {
  for (Subscription* subscription : all_) {
    if (subscription->joining || std::exchange(subscription->told_end, true)) continue;
    give(*subscription);
    subscription->subscriber.on_end(reason);
  }
}

void Subscriptions::restart() {
  for (Subscription* subscription : all_) {
    subscription->next = 0;
    subscription->epoch = 0;
    subscription->wants_group = subscription->told_end = false;
  }
}

}  // namespace framewire::relay
