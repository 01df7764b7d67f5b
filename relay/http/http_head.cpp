#include "relay/http/http_head.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "relay/access/header_list.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kMostArguments = 32;

bool is_token_char(unsigned char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         kMarks.find(static_cast<char>(c)) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_token_char(static_cast<unsigned char>(c)); });
}

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// nullopt: a % without two hex digits behind it.
std::optional<std::string> decoded(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

Method method_of(std::string_view name) {
  constexpr std::pair<std::string_view, Method> kMethods[] = {
      {"GET", Method::get},         {"HEAD", Method::head},   {"POST", Method::post},
      {"PUT", Method::put},         {"PATCH", Method::patch}, {"DELETE", Method::del},
      {"OPTIONS", Method::options},
  };
  for (const auto& [known, method] : kMethods)
    if (name == known) return method;
  return Method::other;
}

// What a Host header may hold (RFC 9110, section 7.2; RFC 3986, section 3.2): no blank, no user, no
// path.
bool is_authority(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > ' ' && byte < 0x7f &&
           std::string_view{"/\\@?#,\"<>"}.find(c) == std::string_view::npos;
  });
}

struct Field {
  std::string_view name;
  std::string Request::*member;
  bool once;  // said twice it is refused, else the values are joined
};

constexpr Field kFields[] = {
    {"host", &Request::host, true},
    {"origin", &Request::origin, true},
    {"authorization", &Request::authorization, true},
    {"if-none-match", &Request::if_none_match, false},
    {"last-event-id", &Request::last_event_id, false},
    {"accept-encoding", &Request::accept_encoding, false},
    {"range", &Request::range, true},
    {"if-range", &Request::if_range, true},
    {"expect", &Request::expect, false},
    {"transfer-encoding", &Request::transfer_encoding, true},
    {"content-encoding", &Request::content_encoding, false},
    {"content-range", &Request::content_range, false},
    {"upgrade", &Request::upgrade, false},
    {"connection", &Request::connection, false},
    {"sec-websocket-version", &Request::ws_version, false},
    {"sec-websocket-key", &Request::ws_key, true},
    {"sec-websocket-protocol", &Request::ws_protocols, false},
    {"x-forwarded-for", &Request::forwarded_for, false},
    {"x-forwarded-proto", &Request::forwarded_proto, false},
    {"forwarded", &Request::forwarded, false},
    {"via", &Request::via, false},
    {"sec-fetch-site", &Request::fetch_site, false},
    {"user-agent", &Request::user_agent, false},
};

// What only proxies send, whatever is in it, beside all that begins with X-Forwarded.
constexpr std::string_view kProxyHeaders[] = {"forwarded",
                                              "forwarded-for",
                                              "via",
                                              "x-real-ip",
                                              "x-client-ip",
                                              "x-cluster-client-ip",
                                              "x-original-host",
                                              "x-original-url",
                                              "x-original-forwarded-for",
                                              "x-proxyuser-ip",
                                              "client-ip",
                                              "x-envoy-external-address",
                                              "true-client-ip",
                                              "fly-client-ip",
                                              "x-azure-clientip",
                                              "cf-connecting-ip",
                                              "cdn-loop",
                                              "x-amzn-trace-id",
                                              "x-appengine-user-ip",
                                              "x-cloud-trace-context"};

bool is_of_proxy(std::string_view name) {
  return name.starts_with("x-forwarded") ||
         std::find(std::begin(kProxyHeaders), std::end(kProxyHeaders), name) !=
             std::end(kProxyHeaders);
}

class Parser {
 public:
  explicit Parser(std::string_view head) : head_(head) {}

  Result<RequestHead> parse() {
    const std::size_t begin = head_.starts_with("\r\n") ? 2 : 0;
    std::size_t end = head_.find("\r\n", begin);
    at_ = begin;
    if (auto line = request_line(head_.substr(begin, end - begin)); !line)
      return tl::make_unexpected(line.error());
    for (at_ = end + 2; at_ < head_.size(); at_ = end + 2) {
      end = head_.find("\r\n", at_);
      if (end == at_ || end == std::string_view::npos) break;
      if (auto line = field(head_.substr(at_, end - at_)); !line)
        return tl::make_unexpected(line.error());
    }
    if (auto whole = judge(); !whole) return tl::make_unexpected(whole.error());
    return std::move(out_);
  }

 private:
  tl::unexpected<Error> wrong(std::string what) const {
    return fail(Errc::protocol, std::move(what), at_);
  }

  //   GET SP /path?query SP HTTP/1.1
  Result<void> request_line(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    if (second == std::string_view::npos || line.find(' ', second + 1) != std::string_view::npos)
      return wrong("the request line is not METHOD TARGET HTTP/1.1");
    const std::string_view method = line.substr(0, first);
    if (!is_token(method)) return wrong("the method is no token");
    out_.request.method = method_of(method);
    const std::size_t begin = at_;
    at_ = begin + second + 1;
    const std::string_view version = line.substr(second + 1);
    if (version.size() != 8 || !version.starts_with("HTTP/1.") || version[7] < '0' ||
        version[7] > '9')
      return wrong("the version is not HTTP/1.1");
    out_.request.http_1_1 = version[7] != '0';
    at_ = begin + first + 1;
    return target(line.substr(first + 1, second - first - 1));
  }

  Result<void> target(std::string_view text) {
    // A proxy's form, http://host/path: its host counts, whatever Host says (RFC 9112, 3.2.2).
    for (const std::string_view scheme : {"http://", "https://"}) {
      if (lower(text.substr(0, scheme.size())) != scheme) continue;
      text.remove_prefix(scheme.size());
      const std::size_t path = std::min(text.find_first_of("/?"), text.size());
      authority_ = text.substr(0, path);
      if (!is_authority(authority_)) return wrong("the target's host is none");
      text.remove_prefix(path);
      break;
    }
    if (authority_.empty() && !text.starts_with('/') && text != "*")
      return wrong("the target is no path");
    if (text.find('#') != std::string_view::npos) return wrong("a fragment in the target");
    const std::size_t mark = text.find('?');
    auto path = decoded(text.substr(0, mark), false);
    if (!path) return wrong("a % in the path without two hex digits");
    out_.request.path = path->empty() ? "/" : *std::move(path);
    return mark == std::string_view::npos ? Result<void>{} : query(text.substr(mark + 1));
  }

  Result<void> query(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('&'), text.size());
      auto argument = decoded(text.substr(0, end), true);
      if (!argument) return wrong("a % in the query without two hex digits");
      if (!argument->empty()) out_.request.arguments.push_back(*std::move(argument));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (out_.request.arguments.size() > kMostArguments)
      return wrong(fmt::format("more than {} parameters", kMostArguments));
    return {};
  }

  Result<void> field(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return wrong("a header line without a colon");
    if (!is_token(line.substr(0, colon))) return wrong("a header's name is no token");
    const std::string name = lower(line.substr(0, colon));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (name == "content-length") return content_length(value);
    if (is_of_proxy(name)) out_.request.other_proxy = name;
    for (const Field& known : kFields) {
      if (name != known.name) continue;
      std::string& to = out_.request.*known.member;
      const auto bit = 1u << static_cast<unsigned>(&known - kFields);
      if ((seen_ & bit) == 0) {
        to = value;
      } else if (known.once) {
        return wrong(fmt::format("{} comes twice", known.name));
      } else {
        to += ", ";
        to += value;
      }
      seen_ |= bit;
    }
    return {};
  }

  Result<void> content_length(std::string_view value) {
    if (out_.request.content_length) return wrong("content-length comes twice");
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (value.empty() || error != std::errc{} || end != value.data() + value.size())
      return wrong("content-length is no number");
    out_.request.content_length = length;
    return {};
  }

  bool has(std::string_view name) const {
    const auto* row = std::find_if(std::begin(kFields), std::end(kFields),
                                   [&](const Field& field) { return field.name == name; });
    return (seen_ & (1u << static_cast<unsigned>(row - kFields))) != 0;
  }

  // What only the whole head shows.
  Result<void> judge() {
    Request& request = out_.request;
    at_ = 0;
    // That it is missing is told where a page can be shown (request.cpp).
    if (!request.host.empty() && !is_authority(request.host))
      return wrong("the Host header names no host");
    if (!authority_.empty() && (has("host") || !request.http_1_1)) request.host = authority_;
    request.expect = lower(request.expect);
    request.transfer_encoding = lower(request.transfer_encoding);
    request.content_encoding = lower(request.content_encoding);
    if (has("transfer-encoding")) {
      if (!request.http_1_1) return wrong("Transfer-Encoding in HTTP/1.0");
      if (request.content_length) return wrong("Content-Length and Transfer-Encoding together");
      if (!request.chunked()) return wrong("the only Transfer-Encoding here is chunked");
    }
    out_.keep_alive = request.http_1_1 && !header_lists(request.connection, "close");
    return {};
  }

  const std::string_view head_;
  std::size_t at_ = 0;  // for errors
  RequestHead out_;
  std::string_view authority_;
  unsigned seen_ = 0;  // a bit per row of kFields
};

}  // namespace

Result<RequestHead> parse_head(std::string_view head) {
  return Parser{head}.parse();
}

Result<std::optional<RequestHead>> HeadReader::feed(Bytes& bytes) {
  const std::string_view fresh = as_text(bytes);
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    if (at_ == most_)
      return fail(Errc::limit_exceeded,
                  fmt::format("the request's head is longer than {} bytes", most_), at_);
    if (auto taken = step(static_cast<unsigned char>(fresh[i])); !taken)
      return tl::make_unexpected(taken.error());
    ++at_;
    if (state_ != State::done) continue;
    const std::string_view piece = fresh.substr(0, i + 1);
    auto head = kept_.empty() ? parse_head(piece) : parse_head(kept_.append(piece));
    kept_ = {};
    at_ = 0;
    state_ = State::begin;
    bytes = bytes.subspan(i + 1);
    if (!head) return tl::make_unexpected(head.error());
    return std::optional{*std::move(head)};
  }
  kept_.append(fresh);
  bytes = {};
  return std::nullopt;
}

Result<void> HeadReader::step(unsigned char byte) {
  const auto wrong = [&](const char* where) {
    return fail(Errc::protocol, fmt::format("byte {:#04x} {}", byte, where), at_);
  };
  switch (state_) {
    case State::begin:
      // An empty line before a request is passed over (RFC 9112, section 2.2), one of them.
      if (byte == '\r' && at_ == 0) {
        state_ = State::empty_line_lf;
        return {};
      }
      if (!is_token_char(byte)) return wrong("where a request begins");
      state_ = State::request_line;
      return {};
    case State::empty_line_lf:
      if (byte != '\n') return wrong("in a line end");
      state_ = State::begin;
      return {};
    case State::request_line:
      if (byte == '\r')
        state_ = State::line_lf;
      else if (byte < ' ' || byte >= 0x7f)
        return wrong("in the request line");
      return {};
    case State::line_begin:
      if (byte == '\r')
        state_ = State::end_lf;
      else if (!is_token_char(byte))
        return wrong("where a header line begins");
      else
        state_ = State::line;
      return {};
    case State::line:
      if (byte == '\r')
        state_ = State::line_lf;
      else if ((byte < ' ' && byte != '\t') || byte == 0x7f)
        return wrong("in a header line");
      return {};
    case State::line_lf:
    case State::end_lf:
      if (byte != '\n') return wrong("in a line end");
      state_ = state_ == State::end_lf ? State::done : State::line_begin;
      return {};
    case State::done:
      break;
  }
  return {};
}

}  // namespace framewire::relay
