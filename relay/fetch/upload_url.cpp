#include "relay/fetch/upload_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "relay/fetch/http_get.h"

namespace framewire::relay {
namespace {

constexpr std::string_view kS3 = "s3://";
constexpr std::size_t kMostPattern = 1'000;

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool is_unreserved(char c) {
  return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, and '_' and
// capitals, which other servers take.
bool is_bucket(std::string_view name) {
  return name.size() >= 3 && name.size() <= 63 && is_alphanumeric(name.front()) &&
         is_alphanumeric(name.back()) && std::all_of(name.begin(), name.end(), [](char c) {
           return is_alphanumeric(c) || c == '-' || c == '.' || c == '_';
         });
}

bool is_region(std::string_view name) {
  return !name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), [](char c) {
    return is_alphanumeric(c) || c == '-';
  });
}

// Why the words in braces are none of ours; "" = they are.
std::string why_not_pattern(std::string_view pattern) {
  constexpr std::array<std::string_view, 3> kNames = {"{stream}", "{file}", "{id}"};
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] == '}') return "a } stands alone";
    if (pattern[at] != '{') continue;
    const auto name = std::find_if(kNames.begin(), kNames.end(), [&](std::string_view each) {
      return pattern.substr(at).starts_with(each);
    });
    if (name == kNames.end()) return "in braces there is {stream}, {file} or {id} only";
    at += name->size() - 1;
  }
  // libcurl takes them out of what it signs.
  for (std::string_view rest = pattern; !rest.empty();) {
    const std::string_view part = rest.substr(0, rest.find('/'));
    if (part == "." || part == "..") return "a part of the path is . or ..";
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  }
  const bool tells = pattern.find("{file}") != pattern.npos || pattern.find("{id}") != pattern.npos;
  return tells ? "" : "without {file} or {id} each recording would go where the one before is";
}

// Where names in braces begin, at the latest: the path.
std::size_t path_of(std::string_view url) {
  const std::size_t host = url.find("://");
  if (host == url.npos) return url.npos;
  return std::min(url.find('/', host + 3), url.size());
}

std::string with_names(std::string_view pattern) {
  if (pattern.find('{') != pattern.npos) return std::string{pattern};
  while (pattern.ends_with('/')) pattern.remove_suffix(1);
  return std::string{pattern} + "/{id}";
}

std::string filled(std::string_view pattern, std::string_view stream, std::string_view id,
                   bool encode_text) {
  std::string out;
  while (!pattern.empty()) {
    const std::size_t open = pattern.find('{');
    const std::string_view text = pattern.substr(0, open);
    out += encode_text ? percent_encoded(text, true) : std::string{text};
    if (open == pattern.npos) break;
    const std::size_t close = pattern.find('}', open);
    const std::string_view name = pattern.substr(open + 1, close - open - 1);
    out += percent_encoded(name == "stream" ? stream
                           : name == "id"   ? id
                                            : id.substr(id.rfind('/') + 1),
                           true);
    pattern.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace

std::string percent_encoded(std::string_view text, bool keep_slashes) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c) || (c == '/' && keep_slashes))
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

Result<UploadPattern> UploadPattern::read(std::string_view url, std::string_view endpoint,
                                          std::string_view region) {
  const auto wrong = [](std::string what) { return fail(Errc::refused, std::move(what)); };
  if (url.size() > kMostPattern)
    return wrong(fmt::format("it has more than {} bytes", kMostPattern));
  if (url.find_first_of("?#") != url.npos)
    return wrong(
        "it has a ? or #: what is secret does not belong into an address, and S3 wants none");
  UploadPattern out;
  out.s3_ = url.starts_with(kS3);
  std::string_view pattern;
  if (out.s3_) {
    const std::string_view rest = url.substr(kS3.size());
    const std::string_view bucket = rest.substr(0, rest.find('/'));
    if (!is_bucket(bucket))
      return wrong(
          "s3://BUCKET/PREFIX is wanted: a bucket's name has 3 to 63 letters, digits, - . _");
    if (!is_region(region)) return wrong(fmt::format("\"{}\" is no region", region));
    pattern = rest.substr(bucket.size());
    while (pattern.starts_with('/')) pattern.remove_prefix(1);
    // A certificate for *.s3.REGION.amazonaws.com is none for a name with more dots.
    const bool by_host = endpoint.empty() && bucket.find_first_of("._") == bucket.npos;
    std::string server{endpoint};
    while (server.ends_with('/')) server.pop_back();
    if (endpoint.empty()) {
      const std::string_view of_china = region.starts_with("cn-") ? ".cn" : "";
      server = by_host ? fmt::format("https://{}.s3.{}.amazonaws.com{}", bucket, region, of_china)
                       : fmt::format("https://s3.{}.amazonaws.com{}", region, of_china);
    } else if (endpoint.find_first_of("?#") != endpoint.npos) {
      return wrong("an endpoint is https://HOST[:PORT], without ? or #");
    }
    if (auto why = why_not_fetched(server); !why.empty()) return wrong("the endpoint: " + why);
    out.base_ = by_host ? server + "/" : fmt::format("{}/{}/", server, bucket);
    out.pattern_ = with_names(pattern);
    if (pattern.empty()) out.pattern_ = "{id}";
  } else {
    if (!endpoint.empty()) return wrong("an endpoint is for s3:// only");
    const std::size_t path = path_of(url);
    if (path == url.npos) return wrong("https://HOST/PATH/{id} or s3://BUCKET/PREFIX is wanted");
    out.base_ = url.substr(0, path);
    if (out.base_.find_first_of("{}") != out.base_.npos)
      return wrong("a name in braces belongs into the path");
    out.pattern_ = with_names(url.substr(path));
  }
  if (auto why = why_not_pattern(out.pattern_); !why.empty()) return wrong(std::move(why));
  if (auto why = why_not_fetched(out.url_of("a", "a/b.webm")); !why.empty())
    return wrong(std::move(why));
  return out;
}

std::string UploadPattern::url_of(std::string_view stream, std::string_view id) const {
  return base_ + filled(pattern_, stream, id, s3_);
}

}  // namespace framewire::relay
