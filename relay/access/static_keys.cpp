#include "relay/access/static_keys.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "relay/base/config.h"
#include "relay/base/secret.h"

namespace framewire::relay {
namespace {

// What a key is of; bits.
constexpr std::size_t kPublish = 1, kWatch = 2;
constexpr const char* kNames[] = {"everybody", "a publish key", "a watch key",
                                  "a key to publish and watch"};

std::vector<Right> rights_of(bool publishes, bool manages, bool watches, bool sees_overview) {
  std::vector<Right> out;
  const auto add = [&](Action action) { out.push_back({action, "*"}); };
  if (publishes) {
    add(Action::publish);
    add(Action::record);
  }
  if (manages) add(Action::manage);
  if (watches) {
    add(Action::watch);
    add(Action::talk);
  }
  if (sees_overview) add(Action::metrics);
  return out;
}

std::shared_ptr<const Principal> who_has(const Config& config, std::size_t kinds, bool own_machine,
                                         std::optional<Digest> key) {
  const bool tokens = config.asks_for_identity();
  const bool keyed = (kinds & kPublish) != 0;
  const bool publishes = keyed || (config.publish_keys.empty() && !tokens);
  const bool manages = keyed || (publishes && own_machine);
  const bool watches =
      (kinds & kWatch) != 0 || (config.watch_keys.empty() && (!tokens || config.open_watch));
  About about;
  about.key = key;
  if (kinds == 0) about.anybody = own_machine ? Anybody::own_machine : Anybody::anywhere;
  return std::make_shared<const Principal>(kNames[kinds],
                                           rights_of(publishes, manages, watches, keyed || watches),
                                           std::nullopt, std::move(about));
}

}  // namespace

StaticKeys::StaticKeys(const Config& config) {
  const auto made = [&](std::size_t kinds, std::optional<Digest> key) {
    return Principals{who_has(config, kinds, false, key), who_has(config, kinds, true, key)};
  };
  const auto among = [](const std::vector<std::string>& keys, const std::string& key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  everybody_ = made(0, std::nullopt);
  for (const std::string& key : config.publish_keys)
    holders_.push_back(
        {sha256(key), made(kPublish | (among(config.watch_keys, key) ? kWatch : 0), sha256(key))});
  for (const std::string& key : config.watch_keys)
    if (!among(config.publish_keys, key))
      holders_.push_back({sha256(key), made(kWatch, sha256(key))});
}

Authorizer::Reply StaticKeys::authorize(const Credentials& credentials, OnAnswer) {
  const Principals* found = nullptr;
  if (credentials.token) {
    const Digest digest = sha256(*credentials.token);
    for (const Holder& holder : holders_)  // to the end: which one fitted must not be timed
      if (CRYPTO_memcmp(holder.key.data(), digest.data(), digest.size()) == 0) found = &holder.who;
  }
  const bool known = found != nullptr;
  const auto& who = (known ? *found : everybody_)[credentials.of_own_machine ? 1 : 0];
  return Answer{Grant{who, known, credentials.token && !known}};
}

std::shared_ptr<const Principal> StaticKeys::holder_of(const Digest& key) const {
  const auto found = std::find_if(holders_.begin(), holders_.end(),
                                  [&](const Holder& holder) { return holder.key == key; });
  return found == holders_.end() ? nullptr : found->who[0];
}

std::shared_ptr<Authorizer> make_static_keys(const Config& config, Loop&) {
  return std::make_shared<StaticKeys>(config);
}

}  // namespace framewire::relay
