#include "relay/server/tunnel.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kTokenBytes = 16;

std::string fresh_token() {
  std::array<unsigned char, kTokenBytes> bytes{};
  FW_ASSERT(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  std::string out;
  for (const unsigned char byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

std::string readable_by(const std::string& origin) {
  return origin.empty()
             ? std::string{}
             : fmt::format("Access-Control-Allow-Origin: {}\r\nVary: Origin\r\n", origin);
}

// POST {path}?over=http&tunnel=TOKEN&at=BYTES: bytes for a tunnel's reader, answered when it has
// read them, so that whoever sends too fast waits.
class TunnelPost final : public Session {
 public:
  TunnelPost(Connection& connection, const Request& request)
      : connection_(connection),
        request_(request),
        share_(connection.loop().shared().waiting),
        token_(request.argument("tunnel").value_or("")) {}

  void on_open() override {
    const std::string at = request_.argument("at").value_or("");
    const auto [end, error] = std::from_chars(at.data(), at.data() + at.size(), at_);
    if (error != std::errc{} || end != at.data() + at.size())
      refuse(Refusal::bad_request, "at= must be the number of bytes that were sent before");
    else if (request_.content_length.value_or(kTunnelPostBytes + 1) > kTunnelPostBytes)
      refuse(Refusal::limit_exceeded,
             fmt::format("a POST of a tunnel has a length, of at most {} bytes", kTunnelPostBytes));
    else
      look_for_tunnel();
  }
  bool awaits_body() const override { return !answered_; }
  void dismiss(const Dismissal& why) override { refuse(why.refusal, why.message); }

  void on_body(Bytes bytes) override {
    if (answered_) return;
    append(body_, bytes);
    if (!share_.set(body_.capacity()))
      refuse(Refusal::overloaded, "the server holds too much of requests that wait");
  }
  void on_body_end() override {
    if (!answered_) hand_over();
  }

 private:
  // Before its body comes: whoever has no tunnel makes the server hold nothing.
  void look_for_tunnel() {
    ServerShared& shared = connection_.loop().shared();
    const auto place = shared.tunnels.find(token_);
    if (!place)
      answer(Tunnelled::gone, 0);
    else if (place->publishes)
      share_.move_to(shared.unfinished);
  }

  void hand_over() {
    const auto place = connection_.loop().shared().tunnels.find(token_);
    if (!place) return answer(Tunnelled::gone, 0);
    LwsLoop& own = connection_.loop();
    TunnelReply reply = [this, &own, number = connection_.number()](Tunnelled what,
                                                                    std::uint64_t received) {
      own.post([this, &own, number, what, received] {
        if (const Connection* c = own.find(number); c && c->session() == this)
          answer(what, received);
      });
    };
    place->loop->post([to = *place, at = at_, bytes = std::move(body_), reply]() mutable {
      if (Connection* tunnel = to.loop->find(to.connection))
        tunnel->take_tunnelled(at, bytes, std::move(reply));
      else
        reply(Tunnelled::gone, 0);
    });
    share_.set(0);
  }

  void answer(Tunnelled what, std::uint64_t received) {
    if (what == Tunnelled::gone) return refuse(Refusal::not_found, "this tunnel has ended");
    if (what == Tunnelled::out_of_order)
      return refuse(Refusal::bad_request,
                    fmt::format("bytes are missing before these: {} have come", received));
    if (std::exchange(answered_, true)) return;
    HttpResponse response{204, {}, {}, "Cache-Control: no-store\r\n"};
    response.extra_headers += readable_by(request_.origin);
    connection_.respond(response);
  }
  void refuse(Refusal why, std::string_view message) {
    if (!std::exchange(answered_, true)) connection_.respond(why, message);
  }

  Connection& connection_;
  const Request request_;
  IntakeShare share_;
  const std::string token_;
  std::uint64_t at_ = 0;
  Buffer body_;
  bool answered_ = false;
};

}  // namespace

std::string TunnelBook::enter(Place place) {
  std::string token = fresh_token();
  const Lock lock(mutex_);
  places_[token] = place;
  return token;
}

void TunnelBook::leave(const std::string& token) {
  const Lock lock(mutex_);
  places_.erase(token);
}

std::optional<TunnelBook::Place> TunnelBook::find(const std::string& token) const {
  const Lock lock(mutex_);
  const auto found = places_.find(token);
  return found == places_.end() ? std::nullopt : std::optional{found->second};
}

Tunnel::~Tunnel() {
  book_.leave(token_);
  if (reply_) reply_(Tunnelled::gone, received_);
}

std::span<std::byte> Tunnel::take(std::uint64_t at, std::span<std::byte> bytes, TunnelReply reply) {
  const bool ahead = at > received_;
  // The one that waits, sent again, for its connection was lost: the answer goes to the newer one.
  if (reply_ && !bytes.empty() && !ahead && received_ - at == bytes.size()) {
    std::exchange(reply_, std::move(reply))(Tunnelled::out_of_order, received_);
    return {};
  }
  if (reply_ || ahead) {
    reply(Tunnelled::out_of_order, received_);
    return {};
  }
  const auto known =
      static_cast<std::size_t>(std::min<std::uint64_t>(received_ - at, bytes.size()));
  const auto fresh = bytes.subspan(known);
  received_ += fresh.size();
  if (fresh.empty())
    reply(Tunnelled::taken, received_);
  else
    reply_ = std::move(reply);
  return fresh;
}

void Tunnel::settle() {
  if (reply_) std::exchange(reply_, nullptr)(Tunnelled::taken, received_);
}

bool is_tunnelled(const Request& request) {
  return request.argument("over") == "http" && request.upgrade.empty() &&
         (request.method == Method::get ||
          (request.method == Method::post && request.has_argument("tunnel")));
}

Request as_upgrade(Request request) {
  request.over_http = true;
  request.http_1_1 = true;  // a proxy may speak HTTP/1.0 behind it
  request.upgrade = "websocket";
  request.connection = "upgrade";
  request.ws_version = "13";
  request.ws_key = "AAAAAAAAAAAAAAAAAAAAAA==";  // no handshake: nothing is made of it
  request.ws_protocols = "framewire.v1";
  return request;
}

std::string tunnel_answer(const std::string& origin) {
  return fmt::format(
      "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.framewire.frames\r\n"
      "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n{}{}Connection: close\r\n\r\n",
      kUnbuffered, readable_by(origin));
}

std::unique_ptr<Session> make_tunnel_post(Connection& connection, const Request& request) {
  return std::make_unique<TunnelPost>(connection, request);
}

}  // namespace framewire::relay
