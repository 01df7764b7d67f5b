// A connection's socket is read: how much in a turn, what its stage takes of it, what has to wait.
#include <libwebsockets.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <utility>

#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kPongsWaiting = 16u << 10;  // then nothing more is read until they have left
constexpr std::size_t kLateBytes = 4u << 20;
constexpr std::size_t kMostHeld = 1u << 20;         // more than one read
constexpr std::size_t kTurnBytes = 512u << 10;      // read in one turn, in several reads
constexpr std::size_t kTlsRecordBytes = 16u << 10;  // of TLS, at most (RFC 8446, section 5.1)

}  // namespace

int Connection::on_received(std::span<std::byte> bytes) {
  busy_ = true;
  frames_left_ = kFramesPerTurn;
  if (!tunnel_) heard_ = loop_.now();
  if (std::exchange(timed_by_lws_, false)) lws_set_timeout(wsi_, NO_PENDING_TIMEOUT, 0);
  if (tunnel_) {  // whose peer has said all on this connection
    drop(bytes.size());
    return verdict();
  }
  take(bytes);
  read_more(bytes.size());
  if (held_.size() > kMostHeld) kill();
  return verdict();
}

void Connection::take(std::span<std::byte> bytes) {
  if (held_.empty()) {
    const auto rest = consume(bytes);
    held_.assign(rest.begin(), rest.end());
  } else {
    append(held_, bytes);
    consume_held();
  }
}

// After a read that gave `got` bytes. What gave little has emptied a plain socket. Of TLS it may
// have been a short record, and to ask OpenSSL in vain costs more than a look at the socket.
bool Connection::more_waits(SSL* ssl, std::size_t got) const {
  if (!ssl) return got >= LwsLoop::kReadBytes / 2;
  char first = 0;
  return SSL_has_pending(ssl) != 0 || got >= kTlsRecordBytes / 2 ||
         recv(socket_, &first, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

// libwebsockets reads once in a turn, of TLS one record. What has arrived by now is read as well,
// so that all of it goes to each viewer at once. How it ends is left to libwebsockets, whose next
// read finds the same.
void Connection::read_more(std::size_t read) {
  SSL* const ssl = lws_get_ssl(wsi_);
  const auto room = loop_.read_room();
  const auto to = ssl ? room.first(kTlsRecordBytes) : room;
  std::size_t got = read;
  while (more_waits(ssl, got) && read < kTurnBytes && held_.empty() && !killed_ && takes()) {
    got = 0;
    if (ssl) {
      if (SSL_read_ex(ssl, to.data(), to.size(), &got) != 1) return ERR_clear_error();
    } else {
      const ssize_t count = recv(socket_, to.data(), to.size(), MSG_DONTWAIT);
      if (count <= 0) return;
      got = static_cast<std::size_t>(count);
    }
    read += got;
    take(to.first(got));
  }
}

void Connection::consume_held() {
  Buffer bytes = std::exchange(held_, {});
  const auto rest = consume(bytes);
  if (rest.size() == bytes.size())
    held_ = std::move(bytes);
  else
    held_.assign(rest.begin(), rest.end());
}

// What the stage takes; the rest has to wait.
std::span<std::byte> Connection::consume(std::span<std::byte> bytes) {
  for (;;) {
    settle();
    if (killed_) return {};
    if (stage_ == Stage::body && allowed_ && body_is_whole()) {
      end_body();
      continue;
    }
    if (bytes.empty() || !takes()) return bytes;
    switch (stage_) {
      case Stage::head:
        take_head(bytes);
        break;
      case Stage::body:
      case Stage::websocket: {
        const std::size_t before = bytes.size();
        if (stage_ == Stage::body)
          take_body(bytes);
        else
          take_frame(bytes);
        spend(before - bytes.size());
        break;
      }
      default:
        drop(bytes.size());
        bytes = {};
    }
  }
}

bool Connection::takes() const {
  switch (stage_) {
    case Stage::head:
      return !has_pending() && !finishing_ && frames_left_ > 0;
    case Stage::body:
      return allowed_ && !slowed_;
    case Stage::answering:
      return false;
    case Stage::websocket:
      return ((allowed_ && !slowed_ && !awaits_turn_) || ending_) &&
             texts_.size() < kPongsWaiting && frames_left_ > 0;
    case Stage::over:
      break;
  }
  return true;
}

void Connection::allow_receive(bool on) {
  if (allowed_ == on) return;
  allowed_ = on;
  waits_since_ = loop_.now();
  if (busy_ || !wsi_) return;
  update_reading();
  if (on) want_writeable();  // for what is held
}

void Connection::await_turn(bool on) {
  awaits_turn_ = on;
  if (busy_ || !wsi_) return;
  update_reading();
  if (!on) want_writeable();  // for what is held
}

void Connection::update_reading() {
  const bool wanted = held_.empty() && takes();
  if (!wanted && !std::exchange(watched_, true)) loop_.peer_watch().watch(socket_, number_);
  if (wanted == reading_) return;
  reading_ = wanted;
  lws_rx_flow_control(wsi_, wanted ? 1 : 0);
}

// What comes when nothing is expected any more: a flood of it is cut off.
void Connection::drop(std::size_t late_bytes) {
  late_bytes_ += static_cast<std::uint32_t>(late_bytes);
  if (late_bytes_ > kLateBytes) kill();
}

void Connection::on_peer_end(PeerEnd end) {
  if (end == PeerEnd::gone) {
    kill();
  } else if (!half_closed_) {
    half_closed_ = true;
    waits_since_ = loop_.now();
  }
}

}  // namespace framewire::relay
