#include "relay/access/key_pause.h"

namespace framewire::relay {

bool KeyPause::lets(const std::string& address, Time now) {
  const Lock lock{mutex_};
  const auto found = tries_.find(address);
  return found == tries_.end() || found->second.count < kWrongKeys ||
         now - found->second.since >= kKeyWindow;
}

void KeyPause::wrong(const std::string& address, Time now) {
  const Lock lock{mutex_};
  if (tries_.size() >= kPausedAddresses) forget(now);
  Tries& tries = tries_[address];
  if (tries.count == 0 || now - tries.since >= kKeyWindow) tries = {0, now};
  // The pause begins with the last one that was too many.
  if (++tries.count == kWrongKeys) tries.since = now;
}

// Those whose window is over, looked for once in a window, since it is a walk through all; if there
// are none, any one.
void KeyPause::forget(Time now) {
  if (now - walked_ >= kKeyWindow) {
    walked_ = now;
    std::erase_if(tries_,
                  [&](const auto& entry) { return now - entry.second.since >= kKeyWindow; });
  }
  if (tries_.size() >= kPausedAddresses) tries_.erase(tries_.begin());
}

}  // namespace framewire::relay
