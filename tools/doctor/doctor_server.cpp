// What a browser, a player and an encoder meet on their way to the server: name, TLS, a proxy.
#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "tools/base/http_handle.h"
#include "tools/doctor/doctor.h"

namespace framewire::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kAnswerWithin{5'000};
constexpr std::size_t kMostBytes = 256u << 10;
constexpr std::time_t kDayS = 24 * 3600;

// Enough to be more than any proxy's usual limit; not one byte of it is sent.
constexpr std::uint64_t kLargeBody = std::uint64_t{100} << 30;

// One connection, TLS and all, on which we say every byte ourselves.
class Wire {
 public:
  Wire(const std::string& origin, const HttpAccess& access, bool verify)
      : easy_(curl_easy_init(), curl_easy_cleanup) {
    set(CURLOPT_URL, origin.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT, 10L);
    set(CURLOPT_CONNECT_ONLY, 1L);
    set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    set(CURLOPT_CERTINFO, 1L);
    set(CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
    set(CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
    set_certificates(easy_.get(), access);
  }

  CURLcode open() { return curl_easy_perform(easy_.get()); }
  bool send(std::string_view bytes) {
    const auto until = steady_clock::now() + kAnswerWithin;
    while (!bytes.empty() && steady_clock::now() < until) {
      std::size_t sent = 0;
      const CURLcode code = curl_easy_send(easy_.get(), bytes.data(), bytes.size(), &sent);
      if (code == CURLE_AGAIN)
        std::this_thread::sleep_for(milliseconds{5});
      else if (code != CURLE_OK)
        return false;
      bytes.remove_prefix(sent);
    }
    return bytes.empty();
  }
  // What has come once `enough` says so, or the end or the time is reached.
  template <class Enough>
  const std::string& receive(Enough enough) {
    const auto until = steady_clock::now() + kAnswerWithin;
    char room[16 << 10];
    while (!enough(came_) && came_.size() < kMostBytes && steady_clock::now() < until) {
      std::size_t count = 0;
      const CURLcode code = curl_easy_recv(easy_.get(), room, sizeof room, &count);
      if (code == CURLE_AGAIN)
        std::this_thread::sleep_for(milliseconds{5});
      else if (code != CURLE_OK || count == 0)
        break;
      came_.append(room, count);
    }
    return came_;
  }
  void forget() { came_.clear(); }
  // When the certificate that was shown ends; -1: unknown.
  std::time_t certificate_ends() const {
    curl_certinfo* info = nullptr;
    curl_easy_getinfo(easy_.get(), CURLINFO_CERTINFO, &info);
    if (!info || info->num_of_certs < 1) return -1;
    for (const curl_slist* line = info->certinfo[0]; line != nullptr; line = line->next)
      if (std::string_view{line->data}.starts_with("Expire date:"))
        return curl_getdate(line->data + std::string_view{"Expire date:"}.size(), nullptr);
    return -1;
  }

 private:
  template <class T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(easy_.get(), option, value);
  }
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_;
  std::string came_;
};

struct Answer {
  unsigned status = 0;  // 0 = none came in time
  std::string code;     // of the server's own refusals
  std::string message;
  std::string body;
};

Answer parse_answer(const std::string& text) {
  Answer out;
  if (!text.starts_with("HTTP/1.") || text.size() < 12) return out;
  out.status = static_cast<unsigned>(std::strtoul(text.c_str() + 9, nullptr, 10));
  const std::size_t body = text.find("\r\n\r\n");
  if (body == std::string::npos) return out;
  out.body = text.substr(body + 4);
  const auto json = nlohmann::json::parse(out.body, nullptr, false);
  if (json.is_object() && json.contains("error") && json["error"].is_object()) {
    out.code = json["error"].value("code", "");
    out.message = json["error"].value("message", "");
  }
  return out;
}

// An answer with its body; one of unknown length ends with the connection.
bool is_whole(const std::string& text) {
  const std::size_t body = text.find("\r\n\r\n");
  if (body == std::string::npos || text.starts_with("HTTP/1.1 100")) return false;
  std::string head = text.substr(0, body);
  std::transform(head.begin(), head.end(), head.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::string_view kName = "\r\ncontent-length:";
  const std::size_t at = head.find(kName);
  if (at == std::string::npos) return false;
  return text.size() - body - 4 >= std::strtoull(head.c_str() + at + kName.size(), nullptr, 10);
}

class Examination {
 public:
  Examination(std::string origin, const HttpAccess& access, Findings& out)
      : origin_(std::move(origin)), access_(access), out_(out) {
    host_ = origin_.substr(origin_.find("://") + 3);
  }

  void run() {
    if (!reach()) return;
    if (!is_framewire()) return;
    pages();
    websocket();
    large_body();
    overview();
  }

 private:
  bool tls() const { return origin_.starts_with("https:"); }
  bool here() const {
    return host_.starts_with("127.") || host_.starts_with("[::1]") ||
           host_.starts_with("localhost");
  }
  void say(Grade grade, std::string what, std::string to_do = {}) {
    out_.push_back({grade, std::move(what), std::move(to_do)});
  }

  bool reach() {
    Wire wire{origin_, access_, !access_.insecure};
    const CURLcode code = wire.open();
    if (code == CURLE_OK) {
      say(Grade::ok, fmt::format("server: {} is reached", origin_));
      if (tls()) certificate(wire);
      if (!tls() && !here())
        say(Grade::warning, "TLS: none, so browsers give no camera and no screen to its pages",
            "--tls-cert and --tls-key, or a proxy that ends TLS");
      return true;
    }
    if (code == CURLE_PEER_FAILED_VERIFICATION) {
      verify_ = false;
      Wire again{origin_, access_, false};
      if (again.open() == CURLE_OK) {
        const std::time_t ends = again.certificate_ends();
        if (ends != -1 && ends < std::time(nullptr))
          say(Grade::wrong, "TLS: the certificate has expired", "renew it");
        else
          say(Grade::wrong,
              fmt::format("TLS: {}",
                          "the certificate is not trusted, or is for "
                          "another name"),
              "serve the whole chain (fullchain.pem) of a certificate for this name; one signed "
              "by yourself is asked about once by each browser");
        return true;
      }
    }
    if (code == CURLE_SSL_CONNECT_ERROR)
      say(Grade::wrong, fmt::format("server: {} speaks no TLS", origin_), "try http:// there");
    else
      say(Grade::wrong,
          fmt::format("server: {} is not reached: {}", origin_, curl_easy_strerror(code)),
          "is it running (framewire serve, systemctl status framewire), is the port right, and "
          "open in the firewall?");
    return false;
  }

  void certificate(const Wire& wire) {
    const std::time_t ends = wire.certificate_ends();
    if (ends == -1) return;
    const auto days = (ends - std::time(nullptr)) / kDayS;
    if (days >= 14)
      say(Grade::ok, fmt::format("TLS: the certificate is good for {} days", days));
    else
      say(Grade::warning, fmt::format("TLS: the certificate ends in {} days", days),
          "renew it; the server takes a new file by itself");
  }

  Answer ask(std::string_view method, std::string_view path, std::string_view headers,
             bool with_key = true) {
    Wire wire{origin_, access_, verify_ && !access_.insecure};
    if (wire.open() != CURLE_OK) return {};
    if (!wire.send(head(method, path, headers, with_key))) return {};
    std::string text = wire.receive(is_whole);
    // What a proxy says in between.
    while (text.starts_with("HTTP/1.1 100")) {
      const std::size_t end = text.find("\r\n\r\n");
      if (end == std::string::npos) break;
      text.erase(0, end + 4);
    }
    return parse_answer(text);
  }
  std::string head(std::string_view method, std::string_view path, std::string_view headers,
                   bool with_key = true) const {
    const std::string key = with_key && !access_.token.empty()
                                ? fmt::format("Authorization: Bearer {}\r\n", access_.token)
                                : "";
    return fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: framewire-doctor\r\n{}{}\r\n",
                       method, path, host_, key, headers);
  }

  bool is_framewire() {
    const Answer answer = ask("GET", "/healthz", "Connection: close\r\n");
    if (answer.status == 200 && answer.body.find("ok") != std::string::npos &&
        answer.body.size() < 64)
      return true;
    say(Grade::wrong,
        answer.status == 0 ? "server: what listens there gives no answer"
                           : fmt::format("server: no framewire answers there ({})", answer.status),
        "is the port right, and does the proxy in front pass requests on to framewire, at its "
        "root? 502 and 504 mean that it does not find it");
    return false;
  }

  void pages() {
    const Answer page = ask("GET", "/", "Connection: close\r\n");
    if (page.status != 200)
      say(Grade::wrong, fmt::format("pages: refused ({})", page.status),
          page.body.find("--host") != std::string::npos
              ? fmt::format("start the server with a publish key, or with --host {}", host_)
              : "look at the server's log");
    else if (page.body.find("through a proxy") != std::string::npos)
      say(Grade::warning, "keys: anybody who reaches the proxy may publish",
          "start the server with --publish-key KEY, or with --open if that is meant");
    else
      say(Grade::ok, "pages: are shown");
  }

  void websocket() {
    Wire wire{origin_, access_, verify_ && !access_.insecure};
    const bool asked =
        wire.open() == CURLE_OK &&
        wire.send(head("GET", "/echo",
                       fmt::format("Origin: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                   "Sec-WebSocket-Version: 13\r\n"
                                   "Sec-WebSocket-Key: ZnJhbWV3aXJlZG9jdG9yIQ==\r\n",
                                   origin_)));
    const Answer answer = parse_answer(asked ? wire.receive([](const std::string& text) {
      return text.find("\r\n\r\n") != std::string::npos;
    })
                                             : "");
    if (answer.status != 101) return no_websocket(answer);
    // A frame of five bytes under a mask of zeros, and the same back without one.
    using namespace std::string_view_literals;
    wire.forget();
    wire.send("\x82\x85\0\0\0\0hello"sv);
    const std::string& back =
        wire.receive([](const std::string& text) { return text.size() >= 7; });
    if (back.find("\x82\x05hello"sv) != std::string::npos)
      say(Grade::ok, "WebSocket: opens, and what is sent comes back");
    else
      say(Grade::wrong, "WebSocket: opens, but nothing comes back",
          "the proxy in front answers the upgrade and does not pass the connection on");
  }

  void no_websocket(const Answer& answer) {
    if (answer.code == "unauthorized")
      say(Grade::warning, "WebSocket: not tried, a key is needed", "--token KEY");
    else if (answer.code == "wrong-keys")
      say(Grade::warning, "WebSocket: not tried, " + answer.message, "wait a while");
    else if (answer.code == "foreign-origin")
      say(Grade::wrong,
          "WebSocket: refused, for the server is told another Host than was asked for",
          "pass it on (nginx: proxy_set_header Host $http_host; Apache: ProxyPreserveHost On)");
    else if (answer.code == "foreign-host")
      say(Grade::wrong, "WebSocket: refused, for the server does not know this name",
          fmt::format("start it with a publish key, or with --host {}", host_));
    else
      say(Grade::wrong,
          answer.status == 0 ? "WebSocket: no answer"
                             : fmt::format("WebSocket: refused ({})", answer.status),
          "the proxy in front must pass the upgrade on, over HTTP/1.1 (nginx: proxy_http_version "
          "1.1, and the Upgrade and Connection headers)");
  }

  // A name that cannot be, so that nothing is published: the server says so as soon as it sees the
  // head, unless somebody in front waits for the body, or will not have it.
  void large_body() {
    const Answer answer =
        ask("PUT", "/publish/.framewire-doctor",
            fmt::format("Content-Length: {}\r\nContent-Type: video/webm\r\n", kLargeBody));
    if (answer.status == 400 && answer.code == "bad-name")
      say(Grade::ok, "bodies: of any size, passed on as they come");
    else if (answer.status == 413)
      say(Grade::wrong, "bodies: the proxy refuses large ones",
          "lift its limit (nginx: client_max_body_size 0)");
    else if (answer.status == 0)
      say(Grade::wrong, "bodies: the proxy collects them before it passes them on",
          "a stream has no end (nginx: proxy_request_buffering off)");
    else
      say(Grade::warning, fmt::format("bodies: not tried ({})", answer.status),
          "look at the logs of the proxy and of the server");
  }

  void overview() {
    const Answer streams = ask("GET", "/api/v1/streams", "Connection: close\r\n", false);
    if (streams.status == 200 && !here())
      say(Grade::warning, "keys: the list of streams and /metrics are shown to anybody",
          "if that is not meant: --watch-key KEY");
    const Answer told = streams.status == 401 && !access_.token.empty()
                            ? ask("GET", "/api/v1/streams", "Connection: close\r\n")
                            : streams;
    if (told.status == 401 && !access_.token.empty())
      say(Grade::wrong, "keys: --token opens nothing here", "is it one of the server's keys?");
    const auto json = nlohmann::json::parse(told.body, nullptr, false);
    if (!json.is_object() || !json.contains("streams")) return;
    for (const auto& stream : json["streams"])
      if (stream.value("state", "") == "live" && stream.value("epoch", 0) > 0)
        return first_bytes(stream.value("name", ""));
    say(Grade::ok, "buffering: not tried, for no stream is live");
  }

  void first_bytes(const std::string& stream) {
    Wire wire{origin_, access_, verify_ && !access_.insecure};
    if (wire.open() != CURLE_OK || !wire.send(head("GET", "/live/" + stream, "")))
      return say(Grade::warning, "buffering: not tried, the connection was lost", "try again");
    const std::string& text = wire.receive([](const std::string& came) {
      const std::size_t body = came.find("\r\n\r\n");
      return body != std::string::npos && came.size() > body + 4;
    });
    const Answer answer = parse_answer(text);
    if (answer.status == 200 && !answer.body.empty())
      say(Grade::ok, fmt::format("buffering: none, the bytes of {} come at once", stream));
    else if (answer.status == 401)
      say(Grade::warning, "buffering: not tried, a watch key is needed", "--token KEY");
    else if (answer.status == 0)
      say(Grade::wrong, "buffering: the proxy holds back what the server sends",
          "a stream has no end (nginx: proxy_buffering off; Caddy: flush_interval -1)");
    else
      say(Grade::warning, fmt::format("buffering: not tried ({})", answer.status), "try again");
  }

  const std::string origin_;
  const HttpAccess& access_;
  Findings& out_;
  std::string host_;
  bool verify_ = true;
};

}  // namespace

void examine_server(const std::string& origin, const HttpAccess& access, Findings& out) {
  Examination{origin, access, out}.run();
}

}  // namespace framewire::cli
