#include "relay/access/bans.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "relay/access/counted_address.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kWhoBytes = 512, kReasonBytes = 512;

}  // namespace

void Bans::set_limit(std::size_t most) {
  const Lock lock{mutex_};
  most_ = most;
}

Result<std::uint64_t> Bans::add(Ban::Kind kind, std::string_view who, std::optional<Time> until,
                                std::string reason, Time now) {
  Ban ban{0, kind, std::string{who}, until, std::move(reason), false};
  if (kind == Ban::Kind::address) {
    auto network = counted_network(who);
    if (!network)
      return fail(Errc::refused, "an IPv4 address, an IPv6 address or a /64 network is expected");
    ban.who = *std::move(network);
  }
  if (ban.who.empty() || ban.who.size() > kWhoBytes)
    return fail(Errc::refused, fmt::format("a name of 1 to {} bytes is expected", kWhoBytes));
  if (ban.reason.size() > kReasonBytes)
    return fail(Errc::refused, fmt::format("a reason has {} bytes at most", kReasonBytes));
  if (until && *until <= now) return fail(Errc::refused, "its end is over already");
  const Lock lock{mutex_};
  const auto before = bans_.find(Key{kind, ban.who, false});
  if (before == bans_.end()) {
    if (bans_.size() >= most_) forget(now);
    if (bans_.size() >= most_)
      return fail(Errc::limit_exceeded, fmt::format("there are {} bans, the limit", most_));
  } else {
    ban.id = before->second.id;
  }
  if (ban.id == 0) ban.id = ++last_id_;
  const std::uint64_t id = ban.id;
  put(std::move(ban));
  return id;
}

bool Bans::lift(std::uint64_t id) {
  const Lock lock{mutex_};
  const auto found = std::find_if(bans_.begin(), bans_.end(), [&](const auto& entry) {
    return entry.second.id == id && !entry.second.configured;
  });
  if (found == bans_.end()) return false;
  bans_.erase(found);
  count_ = bans_.size();
  return true;
}

void Bans::configure(const std::vector<std::string>& whos) {
  const Lock lock{mutex_};
  std::erase_if(bans_, [](const auto& entry) { return entry.second.configured; });
  count_ = bans_.size();
  for (const std::string& who : whos) {
    const auto network = counted_network(who);
    put({++last_id_, network ? Ban::Kind::address : Ban::Kind::identity, network.value_or(who),
         std::nullopt, "--ban", true});
  }
}

void Bans::put(Ban ban) {
  Key key{ban.kind, ban.who, ban.configured};
  bans_.insert_or_assign(std::move(key), std::move(ban));
  count_ = bans_.size();
  number_.fetch_add(1, std::memory_order_release);
}

std::vector<Ban> Bans::list(Time now) const {
  std::vector<Ban> out;
  {
    const Lock lock{mutex_};
    for (const auto& [key, ban] : bans_)
      if (!ban.until || now < *ban.until) out.push_back(ban);
  }
  std::sort(out.begin(), out.end(), [](const Ban& a, const Ban& b) { return a.id < b.id; });
  return out;
}

bool Bans::holds_address(const std::string& counted, Time now) const {
  return holds(Ban::Kind::address, counted, now);
}

bool Bans::holds_identity(const std::string& identity, Time now) const {
  return !identity.empty() && holds(Ban::Kind::identity, identity, now);
}

bool Bans::holds(Ban::Kind kind, const std::string& who, Time now) const {
  if (count_.load(std::memory_order_relaxed) == 0) return false;
  const Lock lock{mutex_};
  for (const bool configured : {false, true}) {
    const auto found = bans_.find(Key{kind, who, configured});
    if (found != bans_.end() && (!found->second.until || now < *found->second.until)) return true;
  }
  return false;
}

void Bans::forget(Time now) {
  std::erase_if(
      bans_, [&](const auto& entry) { return entry.second.until && now >= *entry.second.until; });
  count_ = bans_.size();
}

}  // namespace framewire::relay
