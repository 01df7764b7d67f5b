// The rules that a request's head is held against, in two steps: what it asks for and whether that
// may be asked here (examine), and, once an Authorizer has said who asks, what becomes of it
// (judge). What it needs stands in the table of routes (route.h). Pure.
// Source: RFC 9112; RFC 6455 section 4.2.1; PROTOCOL.md, "URLs" and "Close codes and errors".
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "relay/access/authorizer.h"
#include "relay/access/hosts.h"
#include "relay/access/request.h"
#include "relay/access/route.h"
#include "relay/access/target.h"
#include "relay/access/trusted_proxies.h"
#include "relay/base/config.h"
#include "relay/base/refusal.h"

namespace framewire::relay {

struct Rejection {
  Refusal why = Refusal::bad_request;
  std::string message;
  bool page = false;       // a browser shows the answer: it is told in HTML
  bool wrong_key = false;  // as in Admission
  std::string allow = {};  // method_not_allowed: the methods that are, for an Allow header
};

// What a request asks for, before anybody looked who asks.
struct Entry {
  Target target;
  const RouteRow* row = nullptr;     // null: the route has no such method, or it is a preflight
  std::optional<Action> needs = {};  // of target.stream; nullopt: nobody is asked who it is
  std::optional<std::string> key = {};
  std::optional<jwt::ShownLink> link = {};
  bool v1 = false;  // framewire.v1 was offered
  bool preflight = false;
};

// What the request is for, once it has passed.
struct Admission {
  Target target;
  const RouteRow* row = nullptr;  // null: a preflight
  bool v1 = false;
  // Of a framewire.v1 peer: told after the upgrade, for a page is not shown a status.
  std::optional<Rejection> denied = {};
  std::shared_ptr<const Principal> principal = {};  // who asks; never null
  bool wrong_key = false;                           // a key was presented that opens nothing here
  bool keyed = false;                       // by a key that it needed: the key tells it from others
  std::optional<jwt::ShownLink> link = {};  // by which it came
};

// It is a publisher's, who may be one: what others leave incomplete is no matter of theirs.
inline bool publishes(const Admission& admission) {
  return admission.row && admission.row->needs == Action::publish && !admission.denied;
}

inline constexpr std::string_view kWrongKey =
    "a key that opens this stream is needed: ?token= or a Bearer header";

// Whoever is not on this machine, where no key may manage.
inline constexpr std::string_view kManagedFromHere =
    "this server has no key to manage it with, so it is managed from its own machine only "
    "(http://127.0.0.1, not through a proxy): to manage it from elsewhere, start it with "
    "--publish-key KEY, or with --keys FILE and a key of the right \"manage\"";

// Who may do what. Each loop has its own, which a reload replaces there.
struct AccessRules {
  AccessRules(const Config& config, std::shared_ptr<Authorizer> who_may)
      : authorizer(std::move(who_may)),
        hosts(config),
        proxies(config.trusted_proxies),
        allowed_origins(config.allowed_origins),
        takes_links(config.link_keys != nullptr),
        meant_open(config.open) {}
  bool everybody_may(Action action) const { return authorizer->everybody()->may(action, ""); }
  // Nobody needs a key for anything.
  bool open() const { return everybody_may(Action::publish) && everybody_may(Action::watch); }

  std::shared_ptr<Authorizer> authorizer;
  HostRules hosts;
  TrustedProxies proxies;
  std::vector<std::string> allowed_origins;
  bool takes_links;
  bool meant_open;  // that anybody may publish
};

// What an operator should know, who put a proxy in front and gave no publish key, in the log and in
// the pages.
inline constexpr std::string_view kOpenBehindProxy =
    "anybody who reaches the proxy may publish here, for this server has no publish key: start it "
    "with --publish-key KEY, or with --open if that is meant";
bool open_behind_proxy(const Request& request, const AccessRules& rules);

using Examined = tl::expected<Entry, Rejection>;
using Verdict = tl::expected<Admission, Rejection>;

// A WebSocket handshake where the request has an Upgrade header, else anything else.
Examined examine(const Request& request, const AccessRules& rules, const RouteTable& routes);
// The only place that lets in. answer: to what entry.needs; where that is nothing, what
// everybody may.
Verdict judge(const Request& request, Entry entry, const Answer& answer, const AccessRules& rules,
              const RouteTable& routes, Time now);
// An entry that is refused whoever asks, in the way that it can be told.
Verdict refuse_entry(const Request& request, Entry entry, Rejection why, const AccessRules& rules);
// What an entry is judged by that needs nothing.
Answer of_everybody(const AccessRules& rules);

}  // namespace framewire::relay
