#include "tools/render/preview_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "ingest/base/try.h"
#include "player-web/assets.h"
#include "tools/base/http_transfer.h"

namespace framewire::cli {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kHeadBytes = 16u << 10;
constexpr std::chrono::milliseconds kLook{200};       // for Ctrl-C
constexpr std::chrono::seconds kHeadWithin{30};       // a request, from its connection on
constexpr std::chrono::milliseconds kFrameTime{250};  // until it is said how far the page is
constexpr std::chrono::seconds kTakenWithin{10};      // an answer
constexpr std::string_view kHtml = "/dist/preview.html";

std::string random_secret() {
  std::array<unsigned char, 16> bytes{};
  std::string out;
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) return out;
  for (const unsigned char byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

bool send_all(int socket, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

void respond(int socket, std::string_view status, std::string_view type, Bytes body) {
  const std::string head = fmt::format(
      "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n"
      "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
      "Content-Security-Policy: default-src 'self'; img-src 'self' blob:; frame-ancestors "
      "'none'\r\nConnection: close\r\n\r\n",
      status, type, body.size());
  if (send_all(socket, as_bytes(head))) (void)send_all(socket, body);
}

void respond(int socket, std::string_view status, const json& body) {
  const std::string text = body.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  respond(socket, status, "application/json", as_bytes(text));
}

}  // namespace

Rendered<std::unique_ptr<PreviewServer>> PreviewServer::open(std::uint16_t port, std::string page,
                                                             PreviewFilm& film) {
  std::unique_ptr<PreviewServer> out{new PreviewServer(std::move(page), film)};
  out->secret_ = random_secret();
  out->listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  const int yes = 1;
  (void)::setsockopt(out->listener_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (out->secret_.empty() || ::bind(out->listener_.get(), plain, size) != 0 ||
      ::listen(out->listener_.get(), 16) != 0 ||
      ::getsockname(out->listener_.get(), plain, &size) != 0)
    return no_film(fmt::format("--port {}: {}", port, std::strerror(errno)));
  out->port_ = ntohs(address.sin_port);
  return out;
}

std::string PreviewServer::url() const {
  return fmt::format("http://127.0.0.1:{}/?key={}", port_, secret_);
}

void PreviewServer::run() {
  while (!Interrupt::asked()) {
    std::vector<pollfd> watched{{listener_.get(), POLLIN, 0}};
    for (const Peer& peer : peers_) watched.push_back({peer.socket.get(), POLLIN, 0});
    (void)::poll(watched.data(), watched.size(), static_cast<int>(kLook.count()));
    const auto now = Clock::now();
    std::size_t index = 1;
    std::erase_if(peers_, [&](Peer& peer) {
      const bool readable = (watched[index++].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
      return (readable && serve(peer)) || now >= peer.until;
    });
    accept();
  }
}

void PreviewServer::accept() {
  while (peers_.size() < kMostConnections) {
    const int socket = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const timeval within{kTakenWithin.count(), 0};
    (void)::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &within, sizeof within);
    peers_.push_back({UniqueFd{socket}, relay::HeadReader{kHeadBytes}, Clock::now() + kHeadWithin});
  }
}

bool PreviewServer::serve(Peer& peer) {
  std::array<std::byte, 4096> room;
  const ssize_t got = ::recv(peer.socket.get(), room.data(), room.size(), MSG_DONTWAIT);
  if (got < 0) return errno != EAGAIN && errno != EINTR;
  if (got == 0) return true;
  Bytes bytes = Bytes{room}.first(static_cast<std::size_t>(got));
  const auto head = peer.head.feed(bytes);
  if (!head) {
    respond(peer.socket.get(), "400 Bad Request", json{{"error", head.error().what}});
    return true;
  }
  if (!*head) return false;
  answer(peer.socket.get(), (*head)->request);
  return true;
}

void PreviewServer::answer(int socket, const relay::Request& request) {
  if (request.method != relay::Method::get)
    return respond(socket, "405 Method Not Allowed", json{{"error", "GET is all there is"}});
  const web::Asset* asset = nullptr;
  if (request.path.starts_with("/dist/") && request.path != kHtml)
    asset = web::find_asset(request.path);
  if (asset) return respond(socket, "200 OK", asset->content_type, asset->bytes);
  if (request.argument("key") != secret_)
    return respond(socket, "403 Forbidden",
                   json{{"error", "the address is the one that framewire render --preview said"}});
  if (request.path == "/film") return give_film(socket, request.has_argument("anew"));
  if (request.path == "/frame") return give_frame(socket, request);
  asset = request.path == "/" ? web::find_asset(kHtml) : nullptr;
  if (!asset) return respond(socket, "404 Not Found", json{{"error", "there is no such page"}});
  respond(socket, "200 OK", asset->content_type, asset->bytes);
}

void PreviewServer::give_film(int socket, bool anew) {
  if (anew)
    if (const auto opened = film_.open(); !opened)
      return respond(socket, "500 Internal Server Error", json{{"error", opened.error().what}});
  const FilmPlan& plan = film_.plan();
  respond(socket, "200 OK",
          json{{"page", page_},
               {"frames", plan.frames},
               {"fps", plan.fps},
               {"width", plan.width},
               {"height", plan.height}});
}

void PreviewServer::give_frame(int socket, const relay::Request& request) {
  const std::string text = request.argument("n").value_or("");
  std::uint64_t frame = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), frame);
  if (wrong != std::errc{} || end != text.data() + text.size() || frame >= film_.plan().frames)
    return respond(socket, "400 Bad Request",
                   json{{"error", fmt::format("n is from 0 to {}", film_.plan().frames - 1)}});
  const auto picture = film_.picture(frame, kFrameTime);
  if (!picture)
    return respond(socket, "500 Internal Server Error",
                   json{{"error", fmt::format("frame {}: {}", film_.at(), picture.error().what)}});
  if (!*picture) return respond(socket, "202 Accepted", json{{"at", film_.at()}});
  const bool jpeg = (*picture)->kind == codec::PictureKind::jpeg;
  respond(socket, "200 OK", jpeg ? "image/jpeg" : "image/png", (*picture)->picture());
}

Rendered<void> preview(const RenderOptions& options) {
  const std::atomic<bool> stop{false};
  PreviewFilm film{options, stop};
  ASSIGN_OR_RETURN(const FilmPlan plan, film.open());
  ASSIGN_OR_RETURN(const auto server, PreviewServer::open(options.port, options.page, film));
  fmt::print("{}: {}\npreview at {}\nCtrl-C ends it\n", options.page, in_words(plan),
             server->url());
  std::fflush(stdout);
  server->run();
  return {};
}

}  // namespace framewire::cli
