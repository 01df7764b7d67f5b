// A request's head as values. http_head.h makes one of what has come; judge.h holds it against the
// rules. Pure. Source: RFC 9112.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace framewire::relay {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options, other };

struct Request {
  Method method = Method::other;
  std::string path;                    // decoded; may hold any byte
  std::vector<std::string> arguments;  // decoded, each `name=value`
  std::string host;
  std::string origin;
  std::string authorization;
  std::string if_none_match;
  std::string last_event_id;
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
  std::string other_proxy;  // the name of a header that only proxies send; "" = none was there
  std::string fetch_site;
  std::string user_agent;

  bool proxied() const {
    return !forwarded_for.empty() || !forwarded_proto.empty() || !forwarded.empty() ||
           !via.empty() || !other_proxy.empty();
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

}  // namespace framewire::relay
