#include "relay/access/static_keys.h"

#include <cstddef>
#include <vector>

#include "relay/base/config.h"

namespace framewire::relay {
namespace {

// What a key is of; bits, which index StaticKeys::principals_.
constexpr std::size_t kPublish = 1, kWatch = 2;
constexpr const char* kNames[] = {"everybody", "a publish key", "a watch key",
                                  "a key to publish and watch"};

std::vector<Right> rights_of(bool publishes, bool watches, bool sees_overview) {
  std::vector<Right> out;
  const auto add = [&](Action action) { out.push_back({action, "*"}); };
  if (publishes) {
    add(Action::publish);
    add(Action::record);
    add(Action::manage);
  }
  if (watches) {
    add(Action::watch);
    add(Action::talk);
  }
  if (sees_overview) add(Action::metrics);
  return out;
}

}  // namespace

StaticKeys::StaticKeys(const Config& config)
    : publish_keys_(config.publish_keys), watch_keys_(config.watch_keys) {
  for (std::size_t kinds = 0; kinds < principals_.size(); ++kinds) {
    const bool tokens = config.asks_for_identity();
    const bool publishes = (kinds & kPublish) != 0 || (publish_keys_.empty() && !tokens);
    const bool watches =
        (kinds & kWatch) != 0 || (watch_keys_.empty() && (!tokens || config.open_watch));
    const bool overview = (kinds & kPublish) != 0 || watches;
    principals_[kinds] =
        std::make_shared<const Principal>(kNames[kinds], rights_of(publishes, watches, overview));
  }
}

Authorizer::Reply StaticKeys::authorize(const Credentials& credentials, OnAnswer) {
  // Both, whatever is asked for: which kind a key is of must not be timed.
  const std::size_t publishes = publish_keys_.opens(credentials.token) ? kPublish : 0;
  const std::size_t watches = watch_keys_.opens(credentials.token) ? kWatch : 0;
  const std::size_t kinds = publishes | watches;
  return Answer{Grant{principals_[kinds], kinds != 0}};
}

std::shared_ptr<Authorizer> make_static_keys(const Config& config, Loop&) {
  return std::make_shared<StaticKeys>(config);
}

}  // namespace framewire::relay
