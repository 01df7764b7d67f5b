// A request's head as values. http_head.h makes one of what has come; judge.h holds it against the
// rules. Pure. Source: RFC 9112.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace framewire::relay {

enum class Method : std::uint8_t { get, head, post, put, del, options, other };

struct Request {
  Method method = Method::other;
  std::string path;                    // decoded; may hold any byte
  std::vector<std::string> arguments;  // decoded, each `name=value`
  std::string host;
  std::string origin;
  std::string authorization;
  std::string if_none_match;
  std::string accept_encoding;
  std::string range;
  std::string if_range;
  std::string expect;
  std::string transfer_encoding;
  std::string content_encoding;  // lower case
  std::string content_range;
  std::optional<std::uint64_t> content_length;
  // The upgrade, if one is asked for.
  std::string upgrade;
  std::string connection;
  std::string ws_version;
  std::string ws_key;
  std::string ws_protocols;
  bool http_1_1 = false;
  bool over_http = false;  // an upgrade that is none: its frames go by plain HTTP
  // What proxies in front and browsers say of it.
  std::string forwarded_for;
  std::string forwarded_proto;
  std::string forwarded;
  std::string via;
  std::string fetch_site;
  std::string user_agent;

  bool proxied() const {
    return !forwarded_for.empty() || !forwarded_proto.empty() || !forwarded.empty() || !via.empty();
  }
  bool chunked() const { return transfer_encoding == "chunked"; }
  // The value of `name=...`; nullopt when absent.
  std::optional<std::string> argument(std::string_view name) const;
  // `?name` as well as `?name=...`.
  bool has_argument(std::string_view name) const;
};

// Of what pages of any site may show: media, pictures, playlists, the SDK, the embedded player. A
// cross-origin isolated page takes nothing without it (HTML standard, "embedder policy").
inline constexpr const char* kEmbeddable = "Cross-Origin-Resource-Policy: cross-origin\r\n";
// Of bodies that have no end: a proxy in front (nginx) passes them on as they come.
inline constexpr const char* kUnbuffered = "X-Accel-Buffering: no\r\n";

struct Rejection {
  Refusal why = Refusal::bad_request;
  std::string message;
  bool page = false;            // a browser shows the answer: it is told in HTML
  bool wrong_key = false;       // as in Admission
  std::string_view allow = {};  // method_not_allowed: the methods that are, for an Allow header
};

// What the request is for, once it has passed.
struct Admission {
  Target target;
  bool v1 = false;  // framewire.v1 was offered
  // The wrong key, of a framewire.v1 peer: told after the upgrade, for a page is not shown a
  // status.
  bool unauthorized = false;
  bool may_publish = false;  // what concerns publishers alone may be shown
  bool key_matters = false;  // the answer depends on the key
  bool wrong_key = false;    // and one was presented that opens nothing here
  bool keyed = false;        // by a watch key that it needed: the key tells it from others
};

inline constexpr std::string_view kWrongKey =
    "a key that opens this stream is needed: ?token= or a Bearer header";

// Who may do what. Each loop has its own, which a reload replaces there.
struct AccessRules {
  explicit AccessRules(const Config& config)
      : publish_keys(config.publish_keys),
        watch_keys(config.watch_keys),
        hosts(config),
        proxies(config.trusted_proxies),
        allowed_origins(config.allowed_origins),
        meant_open(config.open) {}
  // Nobody needs a key for anything.
  bool open() const { return publish_keys.empty() && watch_keys.empty(); }
  KeyRing publish_keys;
  KeyRing watch_keys;
  HostRules hosts;
  TrustedProxies proxies;
  std::vector<std::string> allowed_origins;
  bool meant_open;  // that anybody may publish
};

// What an operator should know, who put a proxy in front and gave no publish key, in the log and in
// the pages.
inline constexpr std::string_view kOpenBehindProxy =
    "anybody who reaches the proxy may publish here, for this server has no publish key: start it "
    "with --publish-key KEY, or with --open if that is meant";
bool open_behind_proxy(const Request& request, const AccessRules& rules);

using Verdict = tl::expected<Admission, Rejection>;

// A WebSocket handshake.
Verdict judge_upgrade(const Request& request, const AccessRules& rules);
// Anything else.
Verdict judge_http(const Request& request, const AccessRules& rules);

}  // namespace framewire::relay
