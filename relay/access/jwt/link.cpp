#include "relay/access/jwt/link.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "relay/access/jwt/base64url.h"
#include "relay/access/jwt/evp.h"
#include "relay/access/jwt/limits.h"

namespace framewire::jwt {
namespace {

constexpr std::size_t kSignCharacters = 43;  // base64url of 32 bytes

std::string signed_text(Action action, std::string_view stream, std::string_view expires) {
  return fmt::format("framewire link 1\n{}\n{}\n{}", to_string(action), stream, expires);
}

std::optional<std::int64_t> seconds_in(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  // One spelling only: no sign, no leading zero.
  if (!whole || text.front() == '-' || (text.front() == '0' && text.size() > 1))
    return std::nullopt;
  return out <= kLatest ? std::optional{out} : std::nullopt;
}

tl::unexpected<LinkRefused> refuse_link(LinkFault fault, std::string_view what) {
  return tl::make_unexpected(LinkRefused{fault, what});
}

}  // namespace

tl::expected<LinkKeys, std::string> LinkKeys::read(std::string_view text) {
  LinkKeys out;
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    const bool plain =
        std::all_of(line.begin(), line.end(), [](char c) { return c > ' ' && c < 127; });
    if (!plain || line.size() < kLinkKeyBytes || line.size() > kLongestLinkKey)
      return tl::make_unexpected(
          fmt::format("line {} is no key of {} to {} ASCII characters without blanks", number,
                      kLinkKeyBytes, kLongestLinkKey));
    if (out.keys_.size() >= kLinkKeys)
      return tl::make_unexpected(fmt::format("there are more than {} keys", kLinkKeys));
    out.keys_.emplace_back(line);
  }
  if (out.keys_.empty()) return tl::make_unexpected("there is no key");
  return out;
}

std::string LinkKeys::sign(Action action, std::string_view stream, Instant expires) const {
  const std::string seconds = std::to_string(expires.time_since_epoch().count());
  return base64url_encode(hmac_sha256(keys_.front(), signed_text(action, stream, seconds)));
}

tl::expected<Instant, LinkRefused> LinkKeys::verify(const ShownLink& link, Action action,
                                                    std::string_view stream, Instant now) const {
  const auto expires = link.expires.empty() ? std::nullopt : seconds_in(link.expires);
  if (!expires)
    return refuse_link(LinkFault::malformed, "the link's \"expires\" is no time in seconds");
  const auto sign = base64url_decode(link.sign);
  if (link.sign.size() != kSignCharacters || !sign)
    return refuse_link(LinkFault::malformed,
                       "the link's \"sign\" is not 43 characters of base64url");
  const std::string text = signed_text(action, stream, link.expires);
  bool found = false;
  for (const std::string& key : keys_)  // to the end: which key fitted must not be timed either
    found |= same_in_constant_time(hmac_sha256(key, text), *sign);
  if (!found)
    return refuse_link(LinkFault::signature,
                       "the link was changed, or is for another stream or action");
  const Instant end{std::chrono::seconds{*expires}};
  if (now >= end) return refuse_link(LinkFault::expired, "the link has expired: ask for a new one");
  return end;
}

}  // namespace framewire::jwt
