#include "tools/bench/bench_viewer.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <algorithm>

namespace framewire::bench {
namespace {

using ViewerKind = Viewer::Kind;

constexpr std::size_t kLargeMessage = 16u << 10;  // from here payloads are dropped in the kernel
constexpr std::size_t kHeadRead = 8u << 10;
constexpr std::size_t kTurnBytes = 1u << 20;  // that one viewer reads before the others are served
constexpr double kAllowanceSeconds = 0.1;     // that a slow one may save up

}  // namespace

Viewer::Viewer(Shared& shared, int epoll, unsigned stream, ViewerKind kind, ViewerCounts& counts,
               std::span<std::byte> scratch)
    : Client(shared, epoll),
      stream_(stream),
      kind_(kind),
      counts_(counts),
      scratch_(scratch),
      reader_(shared.options.wire, lead_of(shared.options.content)) {}

void Viewer::connect() {
  const Options& options = shared_.options;
  start(fmt::format("/live/{}-{}", options.stream, stream_), options.wire,
        kind_ == ViewerKind::good ? 0 : options.slow_receive_buffer);
}

void Viewer::on_open() {
  counts_.opened.add();
  counts_.connect.add(connect_ns());
  ticked_ns_ = steady_ns();
}

void Viewer::on_ended() {
  if (shared_.phase.load() == Phase::over) return;
  counts_.closed_by_server.add();
  if (kind_ == ViewerKind::good) shared_.streams[stream_].lost_viewer(next_);
}

void Viewer::on_bytes(Bytes bytes) {
  read_ns_ = steady_ns();
  read_bytes_ += bytes.size();
  reader_.feed(bytes, [this](const ReaderEvent& event) { on_reader_event(event); });
}

bool Viewer::read_some(std::size_t most, std::size_t& count) {
  const auto on_event = [this](const ReaderEvent& event) { on_reader_event(event); };
  if (socket_.can_discard() && reader_.skippable() >= kHeadRead) {
    const Io io = socket_.discard(std::min(most, reader_.skippable()), count);
    if (io == Io::closed) drop("the server closed the connection");
    if (io != Io::done) return false;
    read_ns_ = steady_ns();
    read_bytes_ += count;
    reader_.skipped(count, on_event);
    return true;
  }
  const bool large = socket_.can_discard() && shared_.options.pattern.largest() >= kLargeMessage;
  const std::size_t room = std::min(most, large ? kHeadRead : scratch_.size());
  const Io io = socket_.read(scratch_.first(room), count);
  if (io == Io::closed) drop("the server closed the connection");
  if (io != Io::done) return false;
  read_ns_ = steady_ns();
  read_bytes_ += count;
  reader_.feed(scratch_.first(count), on_event);
  // A short read has emptied the socket; of TLS it says nothing.
  return !socket_.can_discard() || count == room;
}

void Viewer::on_readable() {
  const std::uint64_t stall_after = shared_.options.stall_after;
  if (kind_ == ViewerKind::slow) {
    watch(0);  // from now on by tick()
    return;
  }
  for (std::size_t total = 0, count = 0; state() == State::open && total < kTurnBytes;) {
    if (kind_ == ViewerKind::stalled && read_bytes_ >= stall_after) {
      watch(0);
      return;
    }
    const std::size_t most = kind_ == ViewerKind::stalled
                                 ? static_cast<std::size_t>(stall_after - read_bytes_)
                                 : kTurnBytes;
    if (!read_some(most, count)) return;
    total += count;
  }
}

void Viewer::tick(std::uint64_t now_ns) {
  if (kind_ != ViewerKind::slow || state() != State::open) return;
  const auto rate = static_cast<double>(shared_.options.slow_bytes_per_s);
  allowance_ += rate * static_cast<double>(now_ns - ticked_ns_) / 1e9;
  allowance_ = std::min(allowance_, std::max(rate * kAllowanceSeconds, 4096.0));
  ticked_ns_ = now_ns;
  for (std::size_t count = 0; allowance_ >= 1 && state() == State::open;) {
    if (!read_some(static_cast<std::size_t>(allowance_), count)) return;
    allowance_ -= static_cast<double>(count);
  }
}

void Viewer::on_reader_event(const ReaderEvent& event) {
  switch (event.kind) {
    case ReaderEvent::Kind::message:
      on_message(event.header);
      break;
    case ReaderEvent::Kind::skip:
      counts_.skips_told.add();
      break;
    case ReaderEvent::Kind::ping:
      send_control(WsOpcode::pong, event.control);
      break;
    case ReaderEvent::Kind::broken:
      counts_.broken.add();
      drop("what came is no message of this load");
      break;
    case ReaderEvent::Kind::close:
      drop(fmt::format("closed by the server with {}", event.close_code));
      break;
    case ReaderEvent::Kind::text:
      break;
  }
}

void Viewer::on_message(const PayloadHeader& header) {
  const std::uint64_t delay = read_ns_ > header.sent_ns ? read_ns_ - header.sent_ns : 0;
  const bool measured = shared_.is_measured(header.sent_ns);
  if (kind_ != ViewerKind::good) {
    counts_.misfit_messages.add();
    counts_.misfit_bytes.add(header.size);
    if (measured) counts_.misfit_delay.add(delay);
    return;
  }
  counts_.messages.add();
  counts_.bytes.add(header.size);
  if (measured) counts_.delay.add(delay);
  if (header.sequence < next_ || header.stream != stream_) {
    counts_.out_of_order.add();
    return;
  }
  if (!first_) first_ = header.sequence;
  shared_.streams[stream_].received(next_, header.sequence + 1);
  next_ = header.sequence + 1;
  ++received_;
}

}  // namespace framewire::bench
