#include "relay/cluster/link_thread.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "ingest/wire/ws_frame.h"
#include "relay/access/jwt/link.h"

namespace framewire::relay {
namespace {

using namespace std::chrono_literals;

constexpr auto kConnect = 3s;
constexpr auto kSend = 5s;
constexpr auto kSilent = 15s;  // the other node pings more often than that
constexpr auto kPingAfter = 5s;
constexpr std::size_t kReadBytes = 256u << 10;
constexpr std::size_t kMostUnderWay = 16u << 20;
constexpr std::size_t kMostMessage = 256u << 20;
constexpr std::size_t kMostTexts = 1'000;  // more are dropped, the newest
constexpr auto kProofLasts = 30s;

std::string signed_name(const std::string& stream) {
  return "link/" + stream;
}

jwt::Instant wall_now() {
  return std::chrono::time_point_cast<jwt::Instant::duration>(std::chrono::system_clock::now());
}

}  // namespace

std::string link_arguments(const ClusterConfig& config, const std::string& stream) {
  const jwt::Instant expires = wall_now() + kProofLasts;
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(expires.time_since_epoch()).count();
  return fmt::format("?node={}&until={}&proof={}", config.node, seconds,
                     config.secret->sign(jwt::Action::watch, signed_name(stream), expires));
}

bool is_link_proof(const ClusterConfig& config, const std::string& stream,
                   const std::string& expires, const std::string& proof) {
  return config.secret &&
         config.secret
             ->verify({proof, expires}, jwt::Action::watch, signed_name(stream), wall_now())
             .has_value();
}

LinkThread::LinkThread(const ClusterConfig& config, std::string stream, std::string url, Take take)
    : config_(config),
      stream_(std::move(stream)),
      take_(std::move(take)),
      wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      url_(std::move(url)),
      thread_([this] { run(); }) {}

LinkThread::~LinkThread() {
  stop();
  thread_.join();
  if (wake_fd_ >= 0) ::close(wake_fd_);
}

void LinkThread::stop() {
  stopped_ = true;
  wake();
}

void LinkThread::wake() const {
  const std::uint64_t one = 1;
  // Full: it is awake already.
  [[maybe_unused]] const auto put = ::write(wake_fd_, &one, sizeof one);
}

void LinkThread::go_to(const std::string& url) {
  {
    const Lock lock{mutex_};
    if (url_ == url) return;
    url_ = url;
    moved_ = true;
  }
  wake();
}

void LinkThread::say(std::string text) {
  {
    const Lock lock{mutex_};
    if (to_say_.size() >= kMostTexts) return;
    to_say_.push_back(std::move(text));
  }
  wake();
}

void LinkThread::landed(std::size_t bytes) {
  const std::size_t before = under_way_.fetch_sub(bytes);
  if (before > kMostUnderWay && before - bytes <= kMostUnderWay) wake();
}

void LinkThread::hold(bool on) {
  held_ = on;
  if (!on) wake();
}

bool LinkThread::must_wait() const {
  return held_ || under_way_ > kMostUnderWay;
}

std::string LinkThread::path() const {
  return "/link/" + stream_ + link_arguments(config_, stream_);
}

void LinkThread::run() {
  constexpr auto kFirstPause = 100ms;
  constexpr auto kLongestPause = 2'000ms;
  auto pause = kFirstPause;
  while (!stopped_) {
    std::string url;
    {
      const Lock lock{mutex_};
      url = url_;
      moved_ = false;
    }
    const Lost lost = follow(url);
    if (stopped_) break;
    if (reader_.greeted()) pause = kFirstPause;
    take_.lost(lost);
    if (lost.for_good) break;
    pollfd at{wake_fd_, POLLIN, 0};
    ::poll(&at, 1, static_cast<int>(pause.count()));
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(wake_fd_, &count, sizeof count);
    pause = std::min(pause * 2, kLongestPause);
  }
  done_ = true;
}

// One connection, to its end.
LinkThread::Lost LinkThread::follow(const std::string& url) {
  reader_.begin();
  received_.clear();
  closed_.clear();
  auto socket =
      LinkSocket::open({url, path(), config_.ca, config_.cert, config_.key}, kConnect, stopped_);
  if (!socket) return {socket.error().what, false};
  Time heard = Clock::now();
  Time pinged = heard;
  while (true) {
    {
      const Lock lock{mutex_};
      if (moved_) return {"another node has the stream now", false};
    }
    if (stopped_) return {"it is over", false};
    if (auto sent = send(**socket); !sent) return {sent.error().what, false};
    if (!must_wait()) {
      const std::size_t before = received_.size();
      const std::size_t had = news_seen_;
      auto got = read(**socket);
      if (news_seen_ != had || received_.size() != before) heard = Clock::now();
      hand_over();
      if (!got) {
        const bool refused = closed_ == "not-here" || closed_ == "unauthorized";
        return {closed_.empty() ? got.error().what : closed_, refused};
      }
    } else {
      heard = Clock::now();
    }
    pollfd at[2] = {{wake_fd_, POLLIN, 0}, {(*socket)->fd(), POLLIN, 0}};
    ::poll(at, must_wait() ? 1 : 2, 1'000);
    if (at[0].revents != 0) {
      std::uint64_t count = 0;
      [[maybe_unused]] const auto got = ::read(wake_fd_, &count, sizeof count);
    }
    const Time now = Clock::now();
    if (now - heard > kSilent) return {"nothing comes from the other node", false};
    if (now - heard > kPingAfter && now - pinged > kPingAfter) {
      pinged = now;
      Buffer ping;
      append_client_ws_header(ping, WsOpcode::ping, 0);
      if (auto sent = (*socket)->write(ping, kSend); !sent) return {sent.error().what, false};
    }
  }
}

// All that has come, as far as it may be on its way at a time.
Result<void> LinkThread::read(LinkSocket& socket) {
  while (!must_wait() && !stopped_) {
    const std::size_t had = received_.size();
    received_.resize(had + kReadBytes);
    const auto size = socket.read(std::span{received_}.subspan(had));
    received_.resize(had + size.value_or(0));
    if (!size) return tl::make_unexpected(size.error());
    if (*size == 0) return {};
    ++news_seen_;
    if (auto taken = take_frames(socket); !taken) return taken;
    hand_over();
  }
  return {};
}

Result<void> LinkThread::take_frames(LinkSocket& socket) {
  std::size_t at = 0;
  while (true) {
    const Bytes rest = Bytes{received_}.subspan(at);
    const auto head = read_ws_head(rest);
    if (!head) return tl::make_unexpected(head.error());
    if (*head && (*head)->payload_bytes > kMostMessage)
      return fail(Errc::limit_exceeded, "a message that is too large");
    if (!*head || rest.size() - (*head)->header_bytes < (*head)->payload_bytes) break;
    const Bytes payload = rest.subspan((*head)->header_bytes, (*head)->payload_bytes);
    at += (*head)->header_bytes + payload.size();
    if ((*head)->opcode == WsOpcode::text) {
      if (auto taken = reader_.take_text(as_text(payload)); !taken) return taken;
    } else if ((*head)->opcode == WsOpcode::binary) {
      if (auto taken = reader_.take_binary(payload); !taken) return taken;
    } else if ((*head)->opcode == WsOpcode::ping) {
      Buffer pong;
      append_client_ws_header(pong, WsOpcode::pong, payload.size());
      append(pong, payload);
      if (auto sent = socket.write(pong, kSend); !sent) return sent;
    } else if ((*head)->opcode == WsOpcode::close) {
      if (payload.size() > 2) closed_ = as_text(payload.subspan(2));
      return fail(Errc::refused, "the other node has closed the link");
    }
  }
  received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(at));
  return {};
}

void LinkThread::hand_over() {
  LinkNews news = reader_.take();
  if (news.empty()) return;
  under_way_ += news.bytes;
  take_.news(std::move(news));
}

Result<void> LinkThread::send(LinkSocket& socket) {
  std::deque<std::string> texts;
  {
    const Lock lock{mutex_};
    texts.swap(to_say_);
  }
  Buffer out;
  for (const std::string& text : texts) {
    append_client_ws_header(out, WsOpcode::text, text.size());
    append(out, as_bytes(text));
  }
  return out.empty() ? Result<void>{} : socket.write(out, kSend);
}

}  // namespace framewire::relay
