// The WebSocket side of a Connection: the upgrade, frames, pings, the closing handshake.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

#include "ingest/wire/ws_reader.h"
#include "relay/http/http_intake.h"
#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"
#include "relay/server/routes.h"
#include "relay/server/tcp_socket.h"
#include "relay/server/ws_handshake.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kPingBytes = 8;
constexpr std::uint16_t kNoCode = 1005;
constexpr std::size_t kFrameCost = 64;
constexpr std::size_t kLateFactor = 4;         // of what is only dropped over HTTP
constexpr std::uint64_t kMoreThanPings = 256;  // bytes acknowledged in a second
constexpr Duration kCloseWithin{2'000};
constexpr Duration kProbedFor{3'000};

}  // namespace

void Connection::open_websocket(const Request& request, const Admission& admission) {
  if (stage_ == Stage::body) {
    respond(Refusal::upgrade, "a WebSocket handshake has no body");
    return;
  }
  write(as_bytes(upgrade_answer(request.ws_key, admission.v1)));
  stage_ = Stage::websocket;
  http_.reset();
  ws_ = std::make_unique<WsReader>();
  start(make_session(*this, admission, request));
  if (!busy_) want_writeable();  // for what is held
}

void Connection::take_frame(std::span<std::byte>& bytes) {
  const std::size_t before = bytes.size();
  const auto event = ws_->next(bytes);
  charge(before - bytes.size() < kSmallFrame ? kSmallFrameWork : 1);
  // What comes after either side's close frame is read for the peer's answer to it only. Small
  // frames cost more than their bytes.
  if (ending_) drop(kLateFactor * (before - bytes.size() + kFrameCost));
  if (!event) {
    more_may_come_ = true;
    stage_ = Stage::over;
    if (!ending_ && session_) session_->on_broken(event.error());
    return;
  }
  if (!*event) return;
  switch ((*event)->kind) {
    case WsEvent::Kind::piece:
      if ((*event)->piece.text && (*event)->piece.last_of_message)
        frames_left_ -= std::min(frames_left_, kTextWork);
      if (!ending_ && session_) session_->on_receive((*event)->piece);
      break;
    case WsEvent::Kind::ping:
      if (!ending_) queue_frame(WsOpcode::pong, (*event)->payload);
      break;
    case WsEvent::Kind::pong:
      on_pong((*event)->payload);
      break;
    case WsEvent::Kind::close:
      on_peer_close((*event)->payload);
  }
}

// ---- closing

void Connection::close(CloseCode code, std::string_view code_name) {
  if (ending_ || !wsi_) return;
  ending_ = true;
  closing_ = std::make_unique<Closing>(Closing{code, std::string{code_name}});
  end_by_ = loop_.now() + kCloseWithin;
  hub().counters().closed(static_cast<unsigned>(code));
  if (!busy_) want_writeable();
}

void Connection::on_peer_close(Bytes payload) {
  const std::uint16_t code = payload.size() >= 2 ? load_be<std::uint16_t>(payload) : kNoCode;
  if (!ending_) {
    hub().counters().closed(code);
    end_by_ = loop_.now() + kCloseWithin;
  }
  if (!closing_) closing_ = std::make_unique<Closing>();
  closing_->answer.assign(payload.begin(), payload.begin() + (payload.size() >= 2 ? 2 : 0));
  if (session_) session_->on_peer_close(code);
  use_.reset();  // it watches no more: a page that is loaded anew needs its place
  peer_closed_ = true;
  ending_ = true;
  stage_ = Stage::over;
  texts_.clear();
}

void Connection::send_close_frame(Bytes payload) {
  close_sent_ = true;
  Buffer frame;
  append_ws_frame(frame, WsOpcode::close, payload);
  transmit(frame);
}

// Once all before has left: our close frame, then the end, as soon as the peer's has come or
// cannot be read any more.
int Connection::close_handshake() {
  if (!ending_) return 0;
  if (!close_sent_) {
    if (!closing_) closing_ = std::make_unique<Closing>();  // ended without a word
    if (peer_closed_) {
      send_close_frame(closing_->answer);
    } else {
      Buffer payload(2);
      store_be(payload.data(), static_cast<std::uint16_t>(closing_->code));
      append(payload, as_bytes(closing_->reason));
      send_close_frame(payload);
    }
  }
  if (has_pending() || killed_) return 0;
  return stage_ == Stage::over ? depart() : 0;
}

// ---- pings

void Connection::on_pong(Bytes payload) {
  if (payload.size() != kPingBytes) return;
  const Time sent{Time::duration{load_be<Time::rep>(payload)}};
  const std::chrono::duration<double> rtt = loop_.now() - sent;
  // The payload comes back from a stranger: what can't be is not counted.
  if (rtt.count() >= 0 && rtt < loop_.config().ping_interval * 3)
    hub().counters().rtt.observe(rtt.count());
}

// As if it had been silent for so long that only a moment is left, in which a ping is answered by
// whoever is there.
void Connection::probe() {
  if (!ws_ || ending_) return;
  const Duration interval = loop_.config().ping_interval;
  const Time now = loop_.now();
  const Time as_if = now - (2 * interval + interval / 2) + kProbedFor;
  if (heard_ <= as_if) return;  // it is probed already, or has been silent for long
  heard_ = as_if;
  acked_ = acked_bytes(socket_);
  next_ping_ = now;
  tick_ws(now);
}

// A ping when it is due, with the time in it. A peer that has neither said nor taken anything
// while two should have been answered is dead.
void Connection::tick_ws(Time now) {
  if (session_) session_->tick(now);
  if (ending_) return;
  const Duration interval = loop_.config().ping_interval;
  if (now - heard_ > interval) {
    const std::uint64_t acked = acked_bytes(socket_);
    // That a kernel took a ping shows nothing of whoever should answer it.
    if (acked - std::exchange(acked_, acked) > kMoreThanPings) heard_ = now;
  }
  if (now - heard_ > 2 * interval + interval / 2) {
    spdlog::info("{}: silent for too long", peer_);
    kill();
    return;
  }
  // While something waits for room the ping waits behind it: one is enough.
  if (now < next_ping_ || !texts_.empty() || !session_ || !session_->quiet_for_ping()) return;
  next_ping_ = now + interval;
  std::array<std::byte, kPingBytes> payload{};
  store_be(payload.data(), now.time_since_epoch().count());
  queue_frame(WsOpcode::ping, payload);
  flush_texts();
}

}  // namespace framewire::relay
