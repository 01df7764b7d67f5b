#include "relay/access/key_pause.h"

#include <algorithm>
#include <chrono>

namespace framewire::relay {

std::optional<Duration> KeyPause::left(const std::string& address, Time now) {
  const Lock lock{mutex_};
  const auto found = tries_.find(address);
  if (found == tries_.end() || found->second.count < limits_.wrong) return std::nullopt;
  const Time end = found->second.since + limits_.window;
  if (now >= end) return std::nullopt;
  return std::chrono::ceil<Duration>(end - now);
}

void KeyPause::wrong(const std::string& address, Time now, std::optional<std::size_t> harmless) {
  const Lock lock{mutex_};
  if (tries_.size() >= limits_.addresses) forget(now);
  Tries& tries = tries_[address];
  if (tries.count == 0 || now - tries.since >= limits_.window) tries = {0, now, {}};
  if (harmless) {
    auto& last = tries.harmless;
    if (std::find(last.begin(), last.end(), harmless) != last.end()) return;
    std::rotate(last.begin(), last.end() - 1, last.end());
    last.front() = harmless;
  }
  // The pause begins with the last one that was too many.
  if (++tries.count == limits_.wrong) tries.since = now;
}

// Those whose window is over, looked for once in a window, since it is a walk through all; if there
// are none, any one.
void KeyPause::forget(Time now) {
  if (now - walked_ >= limits_.window) {
    walked_ = now;
    std::erase_if(tries_,
                  [&](const auto& entry) { return now - entry.second.since >= limits_.window; });
  }
  if (tries_.size() >= limits_.addresses) tries_.erase(tries_.begin());
}

}  // namespace framewire::relay
