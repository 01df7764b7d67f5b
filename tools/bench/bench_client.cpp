#include "tools/bench/bench_client.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <array>
#include <utility>

#include "tools/base/option_values.h"

namespace framewire::bench {
namespace {

// RFC 6455, section 1.3: the example key and its answer.
constexpr const char* kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
constexpr std::size_t kAnswerMost = 8192;

std::string request_text(const Options& options, const std::string& path, Wire wire) {
  const std::string host = cli::format_address(options.address);
  if (wire == Wire::http)
    return fmt::format("GET {}?wait=60 HTTP/1.1\r\nHost: {}\r\n\r\n", path, host);
  return fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: {}\r\nSec-WebSocket-Version: 13\r\n{}\r\n",
      path, host, kKey, wire == Wire::v1 ? "Sec-WebSocket-Protocol: framewire.v1\r\n" : "");
}

}  // namespace

void Client::start(const std::string& path, Wire wire, std::size_t receive_buffer) {
  wire_ = wire;
  request_ = request_text(shared_.options, path, wire);
  started_ns_ = steady_ns();
  if (!socket_.open(shared_.target, shared_.tls.get(), receive_buffer)) {
    drop("cannot connect");
    return;
  }
  epoll_event event{};
  event.events = watched_ = EPOLLOUT;
  event.data.ptr = this;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, socket_.fd(), &event) != 0) {
    drop("cannot wait for it");
    return;
  }
  state_ = State::connecting;
}

void Client::watch(std::uint32_t events) {
  if (events == watched_ || socket_.fd() < 0) return;
  epoll_event event{};
  event.events = watched_ = events;
  event.data.ptr = this;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, socket_.fd(), &event);
}

void Client::drop(std::string why) {
  if (state_ == State::closed) return;
  const bool was_open = state_ == State::open;
  ended_ = std::move(why);
  state_ = State::closed;
  socket_.close();
  if (was_open) on_ended();
}

void Client::on_event(std::uint32_t events) {
  if (state_ == State::connecting) {
    establish();
    return;
  }
  if (state_ == State::closed) return;
  if ((events & EPOLLOUT) != 0 && state_ == State::open) on_writeable();
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0 || state_ == State::closed) return;
  if (!head_done_)
    read_answer();
  else if ((watched_ & EPOLLIN) == 0)
    drop("the server closed the connection");  // no reading is wanted: only the end comes here
  else
    on_readable();
}

void Client::establish() {
  const Io io = socket_.establish();
  if (io == Io::closed) {
    drop("the connection or its handshake was refused");
    return;
  }
  if (io == Io::again) {
    watch(socket_.wants_write() ? EPOLLOUT : EPOLLIN);
    return;
  }
  std::size_t sent = 0;
  if (socket_.write(as_bytes(request_), sent) != Io::done || sent != request_.size()) {
    drop("the request was not taken");
    return;
  }
  request_ = {};
  watch(EPOLLIN);
  opened_ns_ = steady_ns();
  // An HTTP viewer is one from its request on: the head comes with the stream.
  state_ = wire_ == Wire::http ? State::open : State::answering;
  if (state_ == State::open) on_open();
}

void Client::read_answer() {
  std::array<std::byte, 2048> piece{};
  std::size_t count = 0;
  const Io io = socket_.read(piece, count);
  if (io == Io::closed) drop("the server closed the connection without an answer");
  if (io != Io::done) return;
  answer_ += as_text(Bytes{piece}.first(count));
  const std::size_t end = answer_.find("\r\n\r\n");
  if (end == std::string::npos) {
    if (answer_.size() > kAnswerMost) drop("the answer's head has no end");
    return;
  }
  const bool upgraded = answer_.starts_with("HTTP/1.1 101") && answer_.find(kAccept) < end;
  const bool body = answer_.starts_with("HTTP/1.1 200");
  if (wire_ == Wire::http ? !body : !upgraded) {
    drop(answer_.substr(0, answer_.find("\r\n")));
    return;
  }
  const std::string rest = std::exchange(answer_, {}).substr(end + 4);
  head_done_ = true;
  if (wire_ != Wire::http) {
    opened_ns_ = steady_ns();
    state_ = State::open;
    on_open();
  }
  if (state_ != State::open) return;
  if (!rest.empty()) on_bytes(as_bytes(rest));
  // TLS may hold bytes that came in the same segment, of which epoll will say nothing.
  if (shared_.tls && state_ == State::open && (watched_ & EPOLLIN) != 0) on_readable();
}

void Client::send_control(WsOpcode opcode, Bytes payload) {
  Buffer frame;
  append_client_ws_header(frame, opcode, payload.size());
  append(frame, payload);
  std::size_t sent = 0;
  socket_.write(frame, sent);
}

}  // namespace framewire::bench
