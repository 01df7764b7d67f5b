#include "relay/server/connection.h"

#include <fmt/format.h>
#include <libwebsockets.h>
#include <linux/sockios.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <random>

#include "relay/messages.h"
#include "relay/server/body_tap.h"
#include "relay/server/lws_loop.h"
#include "relay/server/tls_writer.h"
#include "relay/ws_frame.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kTextsWaiting = 64u << 10;
constexpr std::size_t kLateBytes = 1u << 20;
constexpr Duration kEndWithin{2'000};
constexpr std::size_t kPingBytes = 8;

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 416:
      return "Range Not Satisfiable";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 503:
      return "Service Unavailable";
    default:
      return "Error";
  }
}

std::string head_of(const HttpResponse& response, std::uint64_t content_length, bool keep) {
  std::string out =
      fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  if (!response.content_type.empty())
    out += fmt::format("Content-Type: {}\r\n", response.content_type);
  if (response.status != 304 && response.status != 204)
    out += fmt::format("Content-Length: {}\r\n", content_length);
  out += response.extra_headers;
  out += keep ? "\r\n" : "Connection: close\r\n\r\n";
  return out;
}

}  // namespace

Connection::Connection(LwsLoop& loop, std::string peer)
    : loop_(loop), peer_(std::move(peer)), number_(loop.next_number()) {
  loop_.add(*this);
}

Connection::~Connection() {
  drop_session();
  constexpr unsigned kAbnormal = 1006;
  if (upgraded && !ending_ && !peer_closed_) hub().counters().closed(kAbnormal);
  loop_.remove(*this);
}

Hub& Connection::hub() {
  return loop_.hub();
}

void Connection::opened(lws* wsi) {
  wsi_ = wsi;
  socket_ = lws_get_socket_fd(wsi);
  const Time now = loop_.now();
  heard_ = now;
  // Spread, so that the pings of those who came together don't go together.
  static thread_local std::minstd_rand random{std::random_device{}()};
  const auto interval = loop_.config().ping_interval.count();
  next_ping_ =
      now + Duration{interval / 2 + static_cast<std::int64_t>(random()) % (interval / 2 + 1)};
}

void Connection::start(std::unique_ptr<Session> session) {
  drop_session();
  responded_ = false;
  keep_ = true;
  session_ = std::move(session);
  session_->on_open();
  if (loop_.draining() && session_) session_->drain();
}

void Connection::drop_session() {
  if (!session_) return;
  session_->on_gone();
  session_.reset();
}

// ---- writing

Sent Connection::write(Bytes finished) {
  if (!wsi_ || peer_closed_) return Sent::gone;
  if (lws_partial_buffered(wsi_) != 0) return write_held(finished);
  return lws_is_ssl(wsi_) ? write_tls(finished) : write_plain(finished);
}

Sent Connection::write_plain(Bytes finished) {
  const auto count = send(socket_, finished.data(), finished.size(), MSG_NOSIGNAL);
  return after_plain(finished, count < 0 ? -errno : static_cast<std::int32_t>(count));
}

bool Connection::make_ready(Bytes finished, SocketSend& to) {
  if (!wsi_ || peer_closed_ || ending_ || lws_partial_buffered(wsi_) != 0) return false;
  to = {socket_, finished};
  if (!lws_is_ssl(wsi_)) return true;
  return tls_ && tls_->make_ready(finished, to.bytes);
}

Sent Connection::sent(Bytes finished, std::int32_t result) {
  return tls_ ? after_tls(tls_->sent(result)) : after_plain(finished, result);
}

Sent Connection::after_plain(Bytes finished, std::int32_t result) {
  if (result < 0 && result != -EAGAIN && result != -EINTR) {
    kill();
    return Sent::gone;
  }
  const auto taken = static_cast<std::size_t>(std::max(result, 0));
  return taken == finished.size() ? Sent::all : write_held(finished.subspan(taken));
}

Sent Connection::write_tls(Bytes finished) {
  if (!tls_) tls_ = TlsWriter::install(*lws_get_ssl(wsi_), socket_);
  return after_tls(tls_->write(finished));
}

Sent Connection::after_tls(bool good) {
  if (!good) {
    kill();
    return Sent::gone;
  }
  if (!tls_->pending()) return Sent::all;
  lws_callback_on_writable(wsi_);
  return Sent::kept;
}

// By libwebsockets, which keeps what the socket does not take.
Sent Connection::write_held(Bytes finished) {
  // It takes a pointer to non-const, and writes nothing through it with LWS_WRITE_RAW.
  auto* bytes = reinterpret_cast<unsigned char*>(const_cast<std::byte*>(finished.data()));
  if (lws_write(wsi_, bytes, finished.size(), LWS_WRITE_RAW) < 0) {
    kill();
    return Sent::gone;
  }
  if (!has_pending()) return Sent::all;
  lws_callback_on_writable(wsi_);
  return Sent::kept;
}

void Connection::want_writeable() {
  if (wsi_) lws_callback_on_writable(wsi_);
}

bool Connection::has_pending() const {
  return wsi_ && (lws_partial_buffered(wsi_) != 0 || (tls_ && tls_->pending()));
}

std::size_t Connection::unsent_bytes() const {
  int queued = 0;
  if (!wsi_ || ioctl(socket_, SIOCOUTQ, &queued) < 0 || queued < 0) return 0;
  return static_cast<std::size_t>(queued);
}

std::size_t Connection::unread_bytes() const {
  int queued = 0;
  if (!wsi_ || ioctl(socket_, FIONREAD, &queued) < 0 || queued < 0) return 0;
  return static_cast<std::size_t>(queued);
}

void Connection::allow_receive(bool on) {
  if (wsi_) lws_rx_flow_control(wsi_, on ? 1 : 0);
}

void Connection::allow_idle() {
  if (wsi_ && !ending_) lws_set_timeout(wsi_, NO_PENDING_TIMEOUT, 0);
}

BodyTap* Connection::tap(std::function<void(Bytes)> data) {
  return BodyTap::open(loop_.uv(), wsi_, std::move(data));
}

void Connection::send_text(std::string_view json) {
  if (ending_ || texts_.size() + json.size() > kTextsWaiting) return;
  append_text_frame(texts_, json);
  flush_texts();
}

bool Connection::flush_texts() {
  if (texts_.empty()) return true;
  if (has_pending()) {
    want_writeable();
    return false;
  }
  const Buffer texts = std::exchange(texts_, {});
  return write(texts) == Sent::all;
}

void Connection::on_writeable() {
  if (tls_ && tls_->pending()) {
    if (!tls_->flush()) {
      kill();
      return;
    }
    if (tls_->pending()) want_writeable();
  }
  if (has_pending() || !flush_texts() || ending_) return;
  if (session_) session_->on_writeable();
}

// ---- ending

void Connection::close(CloseCode code, std::string_view code_name) {
  if (ending_ || !wsi_) return;
  ending_ = true;
  close_code_ = code;
  close_reason_ = code_name;
  end_by_ = loop_.now() + kEndWithin;
  hub().counters().closed(static_cast<unsigned>(code));
  want_writeable();
}

void Connection::end() {
  if (ending_ || !wsi_) return;
  ending_ = true;
  end_by_ = loop_.now() + kEndWithin;
  want_writeable();
}

void Connection::kill() {
  ending_ = true;
  if (!wsi_) return;
  lws_set_timeout(wsi_, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
  lws_cancel_service_pt(wsi_);  // on libuv a timer set from outside waits for the next event
}

int Connection::on_peer_close(std::uint16_t code) {
  if (!ending_ && !peer_closed_) hub().counters().closed(code);
  peer_closed_ = true;
  if (session_) session_->on_peer_close(code);
  return close_sent_ ? -1 : 0;
}

void Connection::on_late_bytes(std::size_t count) {
  late_bytes_ += count;
  if (late_bytes_ > kLateBytes) kill();
}

int Connection::verdict() {
  if (!wsi_ || has_pending() || !texts_.empty()) return 0;
  if (responded_) {
    responded_ = false;
    drop_session();
    if (!keep_) return -1;
    return lws_http_transaction_completed(wsi_) ? -1 : 0;
  }
  if (!ending_) return 0;
  if (!upgraded || peer_closed_) return -1;
  if (!close_sent_) send_close_frame();
  return 0;  // until the peer answers, or tick() ends it
}

// By ourselves: libwebsockets 4.1 forgets a close frame asked for in a writeable callback on libuv.
void Connection::send_close_frame() {
  close_sent_ = true;
  const std::size_t size = 2 + close_reason_.size();
  Buffer frame(ws_header_size(size) + 2);
  write_ws_header(frame.data(), Opcode::close, size);
  store_be(frame.data() + frame.size() - 2, static_cast<std::uint16_t>(close_code_));
  append(frame, as_bytes(close_reason_));
  write(frame);
}

// ---- HTTP

void Connection::respond(const HttpResponse& response) {
  keep_ = response.keep && !ending_;
  std::string out = head_of(response, response.body.size(), keep_);
  if (!response.head_only) out += response.body;
  write(as_bytes(out));
  complete();
}

void Connection::begin_answer(const HttpResponse& head, std::uint64_t content_length) {
  keep_ = head.keep && !ending_;
  write(as_bytes(head_of(head, content_length, keep_)));
}

void Connection::complete() {
  responded_ = true;
  want_writeable();
}

void Connection::respond(Refusal why, std::string_view message) {
  hub().counters().refused(why);
  spdlog::info("{}: refused, {}: {}", peer_, to_string(why), message);
  const std::string body = http_error_body(to_string(why), message);
  HttpResponse response{http_status(why), "application/json", body, "Cache-Control: no-store\r\n"};
  if (why == Refusal::version) response.extra_headers += "Sec-WebSocket-Version: 13\r\n";
  if (why == Refusal::unauthorized) response.extra_headers += "WWW-Authenticate: Bearer\r\n";
  if (why == Refusal::overloaded) response.extra_headers += "Retry-After: 5\r\n";
  if (!admitted_origin_.empty())
    response.extra_headers +=
        fmt::format("Access-Control-Allow-Origin: {}\r\nVary: Origin\r\n", admitted_origin_);
  response.keep = false;
  respond(response);
}

// ---- time

void Connection::tick(Time now) {
  if (!wsi_) return;
  if (ending_ && end_by_ != Time{} && now > end_by_) {
    kill();
    return;
  }
  if (session_) session_->tick(now);
  if (upgraded && !ending_) ping(now);
}

// A ping when it is due, with the time in it; two unanswered and it is dead.
void Connection::ping(Time now) {
  const Duration interval = loop_.config().ping_interval;
  if (now - heard_ > 2 * interval + interval / 2) {
    spdlog::info("{}: silent for too long", peer_);
    kill();
    return;
  }
  if (now < next_ping_ || has_pending() || !session_ || !session_->quiet_for_ping()) return;
  next_ping_ = now + interval;
  std::array<std::byte, 2 + kPingBytes> frame{};
  write_ws_header(frame.data(), Opcode::ping, kPingBytes);
  store_be(frame.data() + 2, now.time_since_epoch().count());
  write(frame);
}

void Connection::on_pong(Bytes payload) {
  if (payload.size() != kPingBytes) return;
  const Time sent{Time::duration{load_be<Time::rep>(payload)}};
  const std::chrono::duration<double> rtt = loop_.now() - sent;
  // The payload comes back from a stranger: what can't be is not counted.
  if (rtt.count() >= 0 && rtt < loop_.config().ping_interval * 3)
    hub().counters().rtt.observe(rtt.count());
}

}  // namespace framewire::relay
