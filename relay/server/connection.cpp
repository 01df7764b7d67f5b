#include "relay/server/connection.h"

#include <libwebsockets.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <random>

#include "ingest/wire/ws_reader.h"
#include "relay/access/own_machine.h"
#include "relay/http/http_intake.h"
#include "relay/server/lws_loop.h"
#include "relay/server/tcp_socket.h"
#include "relay/server/tls_writer.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kTextsWaiting = 64u << 10;
constexpr Duration kEndWithin{2'000};
constexpr Duration kLingers{
    500};  // once all is said: some clients send a whole film before they read

bool may_somewhere(const Principal& who, Action action) {
  const std::vector<Right>& rights = who.rights();
  return std::any_of(rights.begin(), rights.end(), [&](const Right& right) {
    return right.action == action || (action == Action::moderate && right.action == Action::manage);
  });
}

}  // namespace

std::string printable(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) >= 0x7f) c = '?';
  return text;
}

Connection::Connection(LwsLoop& loop, std::string peer)
    : loop_(loop),
      peer_(std::move(peer)),
      number_(loop.next_number()),
      http_(std::make_unique<HttpIntake>(loop.config().head_bytes)),
      held_share_(loop.shared().waiting),
      bans_seen_(loop.shared().bans.number()) {
  loop_.add(*this);
}

Connection::~Connection() {
  drop_session();
  head_is_done();
  constexpr unsigned kAbnormal = 1006;
  if (ws_ && !ending_ && !peer_closed_) hub().counters().closed(kAbnormal);
  loop_.remove(*this);
}

bool Connection::is_proxy() const {
  return loop_.rules().proxies.hold(opened_by());
}

std::string Connection::whose() const {
  return principal_ && principal_->about().personal ? "name " + principal_->name()
                                                    : "address " + counted();
}

bool Connection::is_of_own_machine(const Request& request) const {
  return is_loopback_address(peer_) && !proxy_ && !is_proxy() &&
         relay::is_of_own_machine(request, peer_address(socket_));
}

bool Connection::is_plain_on_tls() const {
  return !loop_.config().tls_cert.empty() && lws_get_ssl(wsi_) == nullptr;
}

ssl_st* Connection::ssl() const {
  return wsi_ ? lws_get_ssl(wsi_) : nullptr;
}

std::string Connection::described(const Request& request) const {
  const std::string agent = printable(request.user_agent.substr(0, kAgentBytes));
  const bool https = is_proxy() && request.forwarded_proto == "https";
  return peer_ + (https ? " over https" : "") + (agent.empty() ? "" : " (" + agent + ")");
}

std::string Connection::name() {
  return std::to_string(hub().index()) + "-" + std::to_string(number_);
}

Hub& Connection::hub() {
  return loop_.hub();
}

void Connection::opened(lws* wsi) {
  wsi_ = wsi;
  socket_ = lws_get_socket_fd(wsi);
  const Time now = loop_.now();
  heard_ = waits_since_ = now;
  await_head();
  // Spread, so that the pings of those who came together don't go together.
  static thread_local std::minstd_rand random{std::random_device{}()};
  const auto interval = loop_.config().ping_interval.count();
  next_ping_ =
      now + Duration{interval / 2 + static_cast<std::int64_t>(random()) % (interval / 2 + 1)};
}

void Connection::start(std::unique_ptr<Session> session) {
  drop_session();
  session_ = std::move(session);
  session_->on_open();
  if (loop_.draining() && session_) session_->dismiss(kServerStops);
}

void Connection::belong_to(std::shared_ptr<const Principal> principal) {
  principal_ = std::move(principal);
  expires_ = principal_->expiry().value_or(kNever);
  if (principal_->about().by_certificate || loop_.clients().required)
    if (const auto shown = certificate()) expires_ = std::min(expires_, shown->ends);
}

bool Connection::renew(const std::shared_ptr<const Principal>& principal, bool publishes,
                       const std::string& stream) {
  if (!loop_.shared().identities.renew(use_, *principal, publishes, stream, probe_of_this()))
    return false;
  if (slowed_ && (!use_ || !use_->allowance())) {
    slowed_ = false;
    want_writeable();  // for what is held
  }
  belong_to(principal);
  return true;
}

void Connection::recheck_key() {
  if (!session_ || ending_ || !needs_ || !principal_) return;
  const auto& key = principal_->about().key;
  const Anybody anybody = principal_->about().anybody;
  if (!key && anybody == Anybody::no) return;  // a token's, a link's, or of --auth-url
  const Authorizer& authorizer = *loop_.rules().authorizer;
  auto now = key ? authorizer.holder_of(*key) : nullptr;
  if (!now)
    now = anybody == Anybody::own_machine ? authorizer.everybody_here() : authorizer.everybody();
  const auto facts = session_->facts();
  const auto stream = facts ? std::optional{facts->stream} : session_->right_on();
  // Where the stream is not known it goes on, if such a thing may be done to any.
  if (stream ? !now->may(*needs_, *stream) : !may_somewhere(*now, *needs_)) {
    spdlog::info("{}: its key was taken out, or one is needed now: sent away", peer_);
    session_->dismiss(key ? kKeyRemoved : kKeyNeeded);
  } else if (!facts || !renew(now, facts->publishes, std::string{facts->stream})) {
    belong_to(now);
  }
}

IdentityBook::Probe Connection::probe_of_this() const {
  return [&loop = loop_, number = number_] {
    loop.post([&loop, number] {
      if (Connection* connection = loop.find(number)) connection->probe();
    });
  };
}

bool Connection::is_banned(Time now) const {
  const Bans& bans = loop_.shared().bans;
  return bans.holds_address(counted(), now) ||
         (principal_ && bans.holds_identity(principal_->own_name(), now));
}

// Of a publisher that may send so much a second. What has come goes on; more waits in the kernel.
void Connection::spend(std::size_t bytes) {
  if (use_ && use_->allowance() && !use_->allowance()->spend(bytes, loop_.now())) slowed_ = true;
}

void Connection::drop_session() {
  if (!session_) return;
  session_->on_gone();
  session_.reset();
}

// ---- writing

Sent Connection::write(Bytes finished) {
  if (!texts_.empty()) flush_texts();  // a pong leaves before what came after its ping
  return !wsi_ || peer_closed_ || said_all_ || killed_ ? Sent::gone : transmit(finished);
}

Sent Connection::transmit(Bytes finished) {
  if (SSL* ssl = lws_get_ssl(wsi_)) {
    if (!tls_) tls_ = TlsWriter::install(*ssl, socket_);
    return after_tls(tls_->write(finished));
  }
  plain_ = true;
  if (!rest_.empty()) {
    append(rest_, finished);
    return Sent::kept;
  }
  const auto count = send(socket_, finished.data(), finished.size(), MSG_NOSIGNAL);
  return after_plain(finished, count < 0 ? -errno : static_cast<std::int32_t>(count));
}

bool Connection::make_ready(Bytes finished, SocketSend& to) {
  if (!wsi_ || peer_closed_ || ending_ || has_pending()) return false;
  to = {socket_, finished};
  return plain_ || (tls_ && tls_->make_ready(finished, to.bytes));
}

Sent Connection::sent(Bytes finished, std::int32_t result) {
  return tls_ ? after_tls(tls_->sent(result)) : after_plain(finished, result);
}

Sent Connection::after_plain(Bytes finished, std::int32_t result) {
  if (result < 0 && result != -EAGAIN && result != -EINTR) {
    if (result != -EPIPE && result != -ECONNRESET)
      spdlog::warn("{}: ended: nothing can be sent: {}", peer_, std::strerror(-result));
    kill();
    return Sent::gone;
  }
  const auto taken = static_cast<std::size_t>(std::max(result, 0));
  if (taken == finished.size()) return Sent::all;
  append(rest_, finished.subspan(taken));
  want_writeable();
  return Sent::kept;
}

Sent Connection::after_tls(bool good) {
  if (!good) {
    kill();
    return Sent::gone;
  }
  if (!tls_->pending()) return Sent::all;
  want_writeable();
  return Sent::kept;
}

void Connection::want_writeable() {
  if (wsi_) lws_callback_on_writable(wsi_);
}

bool Connection::has_pending() const {
  return !rest_.empty() || (tls_ && tls_->pending());
}

std::size_t Connection::pending_bytes() const {
  return rest_.size() + (tls_ ? tls_->held_bytes() : 0);
}

std::size_t Connection::unsent_bytes() const {
  return wsi_ ? relay::unsent_bytes(socket_) : 0;
}

// False: something is still held, or the connection is over.
bool Connection::flush_rest() {
  if (tls_ && tls_->pending() && !tls_->flush()) kill();
  if (!rest_.empty() && !killed_) {
    const Bytes unsent = Bytes{rest_}.subspan(rest_sent_);
    const auto count = send(socket_, unsent.data(), unsent.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN && errno != EINTR) kill();
    rest_sent_ += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    if (rest_sent_ == rest_.size()) {
      rest_ = {};
      rest_sent_ = 0;
    }
  }
  if (killed_) return false;
  if (has_pending()) want_writeable();
  return !has_pending();
}

void Connection::send_text(std::string_view json) {
  if (ending_ || texts_.size() + json.size() > kTextsWaiting) return;
  append_text_frame(texts_, json);
  flush_texts();
}

void Connection::queue_frame(WsOpcode opcode, Bytes payload) {
  append_ws_frame(texts_, opcode, payload);
}

// False: something is held.
bool Connection::flush_texts() {
  if (texts_.empty()) return true;
  if (has_pending()) {
    want_writeable();
    return false;
  }
  const Buffer texts = std::exchange(texts_, {});
  return write(texts) == Sent::all;
}

int Connection::on_writeable() {
  busy_ = true;
  frames_left_ = kFramesPerTurn;
  if (flush_rest() && flush_texts()) {
    consume_held();
    if (session_ && !ending_ && !responded_) session_->on_writeable();
  }
  return verdict();
}

// ---- ending

void Connection::end() {
  if (ending_ || !wsi_) return;
  ending_ = true;
  end_by_ = loop_.now() + kEndWithin;
  want_writeable();
}

void Connection::kill() {
  ending_ = true;
  if (!wsi_ || std::exchange(killed_, true) || busy_) return;
  end_now();
}

void Connection::end_now() {
  lws_set_timeout(wsi_, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
  lws_cancel_service_pt(wsi_);  // on libuv a timer set from outside waits for the next event
}

// An answered request makes way for the next one, or for the end.
void Connection::settle() {
  if (!responded_ || has_pending()) return;
  responded_ = false;
  drop_session();
  use_.reset();  // the connection may stay for long, and does nothing
  if (!keep_ || ending_ || stage_ != Stage::answering) {
    finishing_ = true;
    stage_ = Stage::over;
  } else {
    stage_ = Stage::head;
    waits_since_ = loop_.now();
  }
}

int Connection::verdict() {
  if (!wsi_) return 0;
  // What has left makes room for more of what has come.
  while (!killed_ && flush_texts() && (responded_ ? !has_pending() : !held_.empty() && takes()))
    consume_held();
  const bool silent = !has_pending() && texts_.empty();
  int out = 0;
  if (!killed_ && silent) {
    if (ws_)
      out = close_handshake();
    else if (finishing_ || ending_)
      out = depart();
  }
  busy_ = false;
  if (!held_share_.set(held_.empty() ? 0 : held_.capacity())) {
    spdlog::debug("{}: cut off: the server holds too much of requests that wait", peer_);
    killed_ = true;
  }
  if (tunnel_ && held_.empty()) tunnel_->settle();  // a close frame, too, was read
  if (killed_ || out < 0) return -1;
  if (std::exchange(frames_left_, kFramesPerTurn) == 0 && !held_.empty()) want_writeable();
  update_reading();
  return 0;
}

// All is said: over TLS so much is said too, and what the peer still sends is read and dropped for
// a moment, since unread bytes would make its kernel forget what we said (RFC 9112, section 9.6).
int Connection::depart() {
  if (!std::exchange(said_all_, true)) {
    stage_ = Stage::over;
    ending_ = true;
    end_by_ = loop_.now() + kLingers;
    if (SSL* ssl = lws_get_ssl(wsi_)) {
      if (!tls_) tls_ = TlsWriter::install(*ssl, socket_);
      SSL_shutdown(ssl);
      ERR_clear_error();
    }
  }
  if (has_pending()) {
    want_writeable();
    return 0;
  }
  if (std::exchange(shut_, true)) return 0;
  if (!more_may_come_ && held_.empty() && unread_bytes(socket_) == 0) return -1;
  ::shutdown(socket_, SHUT_WR);
  held_ = {};
  return 0;
}

// ---- time

void Connection::tick(Time now) {
  if (!wsi_ || killed_) return;
  if ((ending_ && end_by_ != Time{} && now > end_by_) || (tls_ && tls_->broken())) {
    kill();
    return;
  }
  // Nothing is heard of who is not read from: that is no silence.
  if (slowed_) heard_ = waits_since_ = now;
  if (slowed_ && (!use_ || !use_->allowance() || use_->allowance()->has_room(now))) {
    slowed_ = false;
    update_reading();
    want_writeable();  // for what is held
  }
  const std::uint64_t bans = loop_.shared().bans.number();
  if (std::exchange(bans_seen_, bans) != bans && session_ && !ending_ && is_banned(now)) {
    spdlog::info("{}: is banned: sent away", peer_);
    session_->dismiss(kBanned);
    return;
  }
  if (now >= expires_ && session_ && !ending_) {
    expires_ = kNever;
    session_->dismiss(kExpired);
    return;
  }
  if (ws_)
    tick_ws(now);
  else
    tick_http(now);
}

}  // namespace framewire::relay
