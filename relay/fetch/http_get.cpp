#include "relay/fetch/http_get.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include "relay/fetch/curl_handles.h"

namespace framewire::relay {
namespace {

constexpr long kOk = 200;

std::string part_of(const CurlUrl& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, 0) != CURLUE_OK) return {};
  std::string out{text};
  curl_free(text);
  return out;
}

// libcurl writes addresses in their usual form, whatever they are given as.
bool is_this_machine(const std::string& host) {
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == IN_LOOPBACKNET;
  return host == "localhost" || host == "[::1]";
}

struct Taken {
  std::string body;
  const GetLimits& limits;
  const std::atomic<bool>& stop;
  bool too_long = false;
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* to) {
  auto& taken = *static_cast<Taken*>(to);
  taken.too_long = taken.body.size() + size > taken.limits.bytes;
  if (taken.too_long) return CURL_WRITEFUNC_ERROR;
  taken.body.append(data, size);
  return size;
}

int on_progress(void* of, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Taken*>(of)->stop ? 1 : 0;
}

}  // namespace

Result<std::string> http_get(const std::string& url, GetLimits limits,
                             const std::atomic<bool>& stop) {
  if (auto why = why_not_fetched(url); !why.empty()) return fail(Errc::refused, std::move(why));
  const CurlEasy easy{curl_is_ready() ? curl_easy_init() : nullptr};
  if (!easy) return fail(Errc::internal, "libcurl cannot be used");
  Taken taken{{}, limits, stop};
  const auto set = [&](CURLoption option, auto value) {
    curl_easy_setopt(easy.get(), option, value);
  };
  set(CURLOPT_URL, url.c_str());
  set_usual_options(easy.get());
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits.timeout.count()));
  set(CURLOPT_WRITEFUNCTION, on_body);
  set(CURLOPT_WRITEDATA, &taken);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, on_progress);
  set(CURLOPT_XFERINFODATA, &taken);
  const CURLcode result = curl_easy_perform(easy.get());
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (taken.too_long)
    return fail(Errc::limit_exceeded, fmt::format("more than {} bytes came", limits.bytes));
  if (result != CURLE_OK) return fail(Errc::refused, curl_easy_strerror(result));
  if (status != kOk) return fail(Errc::refused, fmt::format("it was answered with {}", status));
  return std::move(taken.body);
}

std::string why_not_fetched(const std::string& url) {
  const CurlUrl parsed{curl_url()};
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
    return "it is no URL";
  if (!part_of(parsed, CURLUPART_USER).empty() || !part_of(parsed, CURLUPART_PASSWORD).empty())
    return "a user's name or password in a URL is not sent";
  const std::string scheme = part_of(parsed, CURLUPART_SCHEME);
  if (scheme == "https") return {};
  if (scheme == "http" && is_this_machine(part_of(parsed, CURLUPART_HOST))) return {};
  return "only https: is fetched, and http: of this machine itself (127.0.0.1, localhost)";
}

std::string shown_url(std::string_view url) {
  return std::string{url.substr(0, url.find_first_of("?#"))};
}

}  // namespace framewire::relay
