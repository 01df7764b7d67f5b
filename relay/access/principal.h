// Who somebody is to this server: what it may do, on which streams, and until when. An Authorizer
// makes one of what a request carries (authorizer.h). Thread: immutable, any.
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "relay/access/digest_cache.h"
#include "relay/access/jwt/quota.h"
#include "relay/access/jwt/rights.h"
#include "relay/base/clock.h"
#include "relay/base/stream_name.h"

namespace framewire::relay {

// What tokens name, too.
using jwt::Action;
using jwt::action_named;
using jwt::kActionNames;
using jwt::to_string;

struct Right {
  Action action;
  std::string streams;  // a name, in which * stands for any characters
};

// Who shows nothing that is known: all such are one.
enum class Anybody : std::uint8_t {
  no,
  anywhere,
  own_machine,  // own_machine.h
};

// What else is known of somebody, by whoever says that it may.
struct About {
  std::string shown_name;  // to others, beside what it says; "": none
  std::string metadata;    // a JSON object, likewise; "": none
  jwt::Quota quota;        // how much it may at a time, by its name
  bool personal = false;   // its name is somebody's, and not that of all who have a key of a kind
  std::optional<Digest> key;    // of the configuration, by which it is known; of no token
  bool by_certificate = false;  // it has no more time than its certificate
  Anybody anybody = Anybody::no;
};

class Principal {
 public:
  // expiry: on the steady clock, so that whoever sets the wall clock ends nobody. nullopt: none.
  Principal(std::string name, std::vector<Right> rights, std::optional<Time> expiry = std::nullopt,
            About about = {})
      : name_(std::move(name)),
        rights_(std::move(rights)),
        expiry_(expiry),
        about_(std::move(about)) {}

  // For people, in logs and lists: never the key or the token itself.
  const std::string& name() const { return name_; }
  // Of one whose name it is; "" = of all who have a key of some kind, or none.
  const std::string& own_name() const {
    static const std::string kNone;
    return about_.personal ? name_ : kNone;
  }
  const std::vector<Right>& rights() const { return rights_; }
  std::optional<Time> expiry() const { return expiry_; }
  const About& about() const { return about_; }

  // stream: an origin's name, whatever the rendition. "" = what is of the whole server, or of
  // streams that are not named: only a right on `*` covers it.
  bool may(Action action, std::string_view stream) const {
    return std::any_of(rights_.begin(), rights_.end(), [&](const Right& right) {
      const bool covers =
          right.action == action || (action == Action::moderate && right.action == Action::manage);
      return covers && matches_pattern(right.streams, stream);
    });
  }
  bool expired(Time now) const { return expiry_ && now >= *expiry_; }

 private:
  const std::string name_;
  const std::vector<Right> rights_;
  const std::optional<Time> expiry_;
  const About about_;
};

}  // namespace framewire::relay
