#include "relay/fetch/link_socket.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string_view>
#include <utility>

#include "relay/access/jwt/base64url.h"
#include "relay/base/clock.h"
#include "relay/fetch/curl_handles.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kMostHead = 8u << 10;
constexpr std::size_t kKeyBytes = 16;

// RFC 6455: 16 random bytes in base64, which is base64url with two letters exchanged.
std::string random_key() {
  std::random_device device;
  std::string bytes;
  for (std::size_t i = 0; i < kKeyBytes; ++i) bytes += static_cast<char>(device() & 0xffu);
  std::string key = jwt::base64url_encode(bytes);
  std::replace(key.begin(), key.end(), '-', '+');
  std::replace(key.begin(), key.end(), '_', '/');
  return key + "==";
}

CurlUrl parse(const std::string& url) {
  CurlUrl out{curl_url()};
  if (out && curl_url_set(out.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) out.reset();
  return out;
}

std::string part_of(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, 0) != CURLUE_OK || !text) return {};
  std::string out = text;
  curl_free(text);
  return out;
}

class CurlLinkSocket final : public LinkSocket {
 public:
  Result<void> connect(const LinkAddress& address, std::chrono::milliseconds timeout,
                       const std::atomic<bool>& stopped) {
    easy_.reset(curl_is_ready() ? curl_easy_init() : nullptr);
    CURL* const easy = easy_.get();
    if (!easy) return fail(Errc::internal, "libcurl cannot be used");
    set_usual_options(easy);
    curl_easy_setopt(easy, CURLOPT_URL, address.url.c_str());
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(timeout.count()));
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &stopped);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, is_stopped);
    if (!address.ca.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, address.ca.c_str());
    if (!address.cert.empty()) {
      curl_easy_setopt(easy, CURLOPT_SSLCERT, address.cert.c_str());
      curl_easy_setopt(easy, CURLOPT_SSLKEY, address.key.c_str());
    }
    if (const CURLcode code = curl_easy_perform(easy); code != CURLE_OK)
      return fail(Errc::refused, curl_easy_strerror(code));
    curl_socket_t socket = CURL_SOCKET_BAD;
    if (curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &socket) != CURLE_OK ||
        socket == CURL_SOCKET_BAD)
      return fail(Errc::refused, "the connection has gone");
    fd_ = socket;
    return upgrade(address, timeout);
  }

  int fd() const override { return fd_; }

  Result<std::size_t> read(std::span<std::byte> to) override {
    if (!early_.empty()) {
      const std::size_t size = std::min(to.size(), early_.size());
      std::memcpy(to.data(), early_.data(), size);
      early_.erase(0, size);
      return size;
    }
    std::size_t size = 0;
    const CURLcode code = curl_easy_recv(easy_.get(), to.data(), to.size(), &size);
    if (code == CURLE_AGAIN) return std::size_t{0};
    if (code != CURLE_OK) return fail(Errc::refused, curl_easy_strerror(code));
    if (size == 0) return fail(Errc::refused, "the other node has ended the connection");
    return size;
  }

  Result<void> write(Bytes bytes, std::chrono::milliseconds timeout) override {
    const Time until = Clock::now() + timeout;
    while (!bytes.empty()) {
      std::size_t sent = 0;
      const CURLcode code = curl_easy_send(easy_.get(), bytes.data(), bytes.size(), &sent);
      if (code != CURLE_OK && code != CURLE_AGAIN)
        return fail(Errc::refused, curl_easy_strerror(code));
      bytes = bytes.subspan(sent);
      if (code == CURLE_AGAIN && !wait(POLLOUT, until))
        return fail(Errc::refused, "the other node takes nothing");
    }
    return {};
  }

 private:
  static int is_stopped(void* stopped, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return *static_cast<const std::atomic<bool>*>(stopped) ? 1 : 0;
  }

  bool wait(short events, Time until) const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    pollfd at{fd_, events, 0};
    return left.count() > 0 && ::poll(&at, 1, static_cast<int>(left.count())) > 0;
  }

  Result<void> upgrade(const LinkAddress& address, std::chrono::milliseconds timeout) {
    const CurlUrl url = parse(address.url);
    std::string host = url ? part_of(url.get(), CURLUPART_HOST) : "";
    if (const auto port = url ? part_of(url.get(), CURLUPART_PORT) : ""; !port.empty())
      host += ":" + port;
    const std::string request = fmt::format(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: {}\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: framewire.v1\r\nUser-Agent: framewire\r\n\r\n",
        address.path, host, random_key());
    if (auto sent = write(as_bytes(request), timeout); !sent) return sent;
    const Time until = Clock::now() + timeout;
    std::string head;
    while (head.find("\r\n\r\n") == std::string::npos) {
      std::byte piece[4'096];
      auto size = read(piece);
      if (!size) return tl::make_unexpected(size.error());
      if (*size == 0 && !wait(POLLIN, until))
        return fail(Errc::refused, "the other node does not answer");
      head.append(reinterpret_cast<const char*>(piece), *size);
      if (head.size() > kMostHead) return fail(Errc::refused, "the answer has no end");
    }
    if (!head.starts_with("HTTP/1.1 101 "))
      return fail(Errc::refused, fmt::format("the other node answers {}",
                                             std::string_view{head}.substr(0, head.find('\r'))));
    early_ = head.substr(head.find("\r\n\r\n") + 4);
    return {};
  }

  CurlEasy easy_;
  int fd_ = -1;
  std::string early_;  // came with the head
};

}  // namespace

std::string why_no_node_url(const std::string& url) {
  const CurlUrl parsed = parse(url);
  if (!parsed) return "it is no address";
  const std::string scheme = part_of(parsed.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return "it begins with http:// or https://";
  if (const std::string path = part_of(parsed.get(), CURLUPART_PATH); path != "/" && !path.empty())
    return "it has no path: scheme, host and port are all";
  if (!part_of(parsed.get(), CURLUPART_QUERY).empty()) return "it has no query";
  if (!part_of(parsed.get(), CURLUPART_USER).empty()) return "it has no user";
  return {};
}

Result<std::unique_ptr<LinkSocket>> LinkSocket::open(const LinkAddress& address,
                                                     std::chrono::milliseconds timeout,
                                                     const std::atomic<bool>& stopped) {
  auto socket = std::make_unique<CurlLinkSocket>();
  if (auto connected = socket->connect(address, timeout, stopped); !connected)
    return tl::make_unexpected(connected.error());
  return socket;
}

}  // namespace framewire::relay
