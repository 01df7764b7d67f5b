#include "tools/bench/bench_publisher.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <array>
#include <span>

namespace framewire::bench {
namespace {

constexpr std::size_t kOutMost = 256u << 10;  // made ahead of the socket, beside one message
constexpr std::uint64_t kClosedLoopNs = 10'000'000;

}  // namespace

Publisher::Publisher(Shared& shared, int epoll, unsigned stream, PublisherCounts& counts)
    : Client(shared, epoll),
      stream_(stream),
      counts_(counts),
      interval_ns_(shared.options.rate > 0 ? static_cast<std::uint64_t>(1e9 / shared.options.rate)
                                           : 0),
      reader_(Wire::bare) {}

void Publisher::connect() {
  start(fmt::format("/publish/{}-{}", shared_.options.stream, stream_), Wire::bare);
}

void Publisher::begin(std::uint64_t now_ns) {
  // Streams that start together must not send together.
  due_ns_ = now_ns + interval_ns_ * stream_ / shared_.options.streams;
}

void Publisher::make_message(std::uint64_t now_ns) {
  const std::uint64_t sequence = shared_.streams[stream_].take_sequence();
  const std::size_t size = shared_.options.pattern.size_of(sequence);
  append_client_ws_header(out_, WsOpcode::binary, size);
  const std::size_t at = out_.size();
  out_.resize(at + size);
  fill(shared_.options.content, std::span(out_).subspan(at));
  store_payload_header(out_.data() + at + lead_of(shared_.options.content),
                       {stream_, sequence, now_ns, static_cast<std::uint32_t>(size)});
  counts_.messages.add();
}

std::uint64_t Publisher::pump(std::uint64_t now_ns) {
  if (state() != State::open) return now_ns + kClosedLoopNs;
  StreamProgress& progress = shared_.streams[stream_];
  if (shared_.options.closed_loop) {
    while (out_.size() < kOutMost && progress.may_send()) make_message(steady_ns());
    flush();
    return now_ns + kClosedLoopNs;
  }
  while (due_ns_ <= now_ns && out_.size() < kOutMost) {
    if (shared_.is_measured(now_ns)) counts_.late.add(now_ns - due_ns_);
    make_message(now_ns);
    due_ns_ += interval_ns_;
  }
  flush();
  return due_ns_ > now_ns ? due_ns_ : now_ns + kClosedLoopNs;
}

void Publisher::flush() {
  while (sent_ < out_.size()) {
    std::size_t count = 0;
    const Io io = socket_.write(Bytes{out_}.subspan(sent_), count);
    if (io == Io::closed) {
      drop("the server closed the connection");
      return;
    }
    if (io == Io::again) {
      watch(EPOLLIN | EPOLLOUT);
      return;
    }
    sent_ += count;
  }
  out_.clear();
  sent_ = 0;
  watch(EPOLLIN);
}

void Publisher::say_goodbye() {
  if (state() != State::open || sent_ < out_.size()) return;
  constexpr std::array<std::byte, 2> kNormal = {std::byte{0x03}, std::byte{0xe8}};  // 1000
  send_control(WsOpcode::close, kNormal);
}

void Publisher::on_bytes(Bytes bytes) {
  reader_.feed(bytes, [this](const ReaderEvent& event) {
    // Between two whole frames only: a pong may not cut one in two.
    if (event.kind == ReaderEvent::Kind::ping && sent_ == 0)
      send_control(WsOpcode::pong, event.control);
    if (event.kind == ReaderEvent::Kind::close)
      drop(fmt::format("closed by the server with {}", event.close_code));
  });
}

void Publisher::on_readable() {
  std::array<std::byte, 1024> piece{};
  for (std::size_t count = 0; state() == State::open;) {
    const Io io = socket_.read(piece, count);
    if (io == Io::closed) drop("the server closed the connection");
    if (io != Io::done) return;
    on_bytes(Bytes{piece}.first(count));
  }
}

void Publisher::on_ended() {
  if (shared_.phase.load() != Phase::over) counts_.closed_by_server.add();
}

}  // namespace framewire::bench
