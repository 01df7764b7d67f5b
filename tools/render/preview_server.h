// The page that shows a film's frames, and the frames, by HTTP at 127.0.0.1, to who knows the
// secret in its address: other users of the machine do not.
//
//   /?key=SECRET            the page (player-web/pages/preview.html)
//   /dist/NAME              its files
//   /film?key=SECRET        {"page","frames","fps","width","height"}; &anew: the page is opened
//   anew /frame?n=5&key=SECRET   the picture, or 202 {"at":3}: it is on its way, ask again
//
// What the page fails by is 500 {"error"}. Thread: one. Errors: kExitFailed, no such port.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "ingest/base/unique_fd.h"
#include "relay/http/http_head.h"
#include "tools/render/preview_film.h"

namespace framewire::cli {

class PreviewServer {
 public:
  static constexpr std::size_t kMostConnections = 32;

  // film: outlives it, and is open.
  static Rendered<std::unique_ptr<PreviewServer>> open(std::uint16_t port, std::string page,
                                                       PreviewFilm& film);
  std::string url() const;
  // Until a signal ends it (Interrupt).
  void run();

 private:
  struct Peer {
    UniqueFd socket;
    relay::HeadReader head;
    std::chrono::steady_clock::time_point until;
  };

  PreviewServer(std::string page, PreviewFilm& film) : page_(std::move(page)), film_(film) {}
  void accept();
  // True: it has got its answer, or gets none.
  bool serve(Peer& peer);
  void answer(int socket, const relay::Request& request);
  void give_film(int socket, bool anew);
  void give_frame(int socket, const relay::Request& request);

  const std::string page_;
  PreviewFilm& film_;
  UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::string secret_;
  std::vector<Peer> peers_;
};

// framewire render --preview
Rendered<void> preview(const RenderOptions& options);

}  // namespace framewire::cli
