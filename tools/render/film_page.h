// One page in a browser of its own, whose clock is the film's (player-web/render/page.js): brought
// from frame to frame, and its pixels.
// Thread: one. Errors: kExitConnection, kExitRefused, kExitNotFound of the page itself;
// kExitFailed, what its scripts threw, with file and line, or that it does not go on.
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "codec/render.h"
#include "tools/render/devtools.h"

namespace framewire::cli {

struct PageSpec {
  std::string url;
  std::string html;                // what is there, if the URL is kIsolatedPage
  bool isolated = false;           // isolation.h
  std::vector<std::string> reach;  // of an isolated page
  std::string chromium;
  double fps = 0;           // for a page that says none
  bool fps_fixed = false;   // whatever the page says
  std::uint32_t width = 0;  // of the film, in pixels
  std::uint32_t height = 0;
  double scale = 1;
  std::string canvas;
  nlohmann::json props;
  std::int64_t date_ms = 0;
  std::uint32_t seed = 1;
  std::chrono::milliseconds wait{0};
  Capture capture = Capture::png;
  bool alpha = false;
  bool files = false;  // pictures are PNGs, to be files
  bool gpu = false;
  bool ignore_errors = false;
  const std::atomic<bool>* stop = nullptr;  // true: it is given up
  bool speaks = true;                       // its console's warnings go to stderr
};

// What a page says of the film, once it is there.
struct PageFacts {
  std::optional<double> duration_s;
  std::optional<double> frames;
  double fps = 0;
  std::uint32_t width = 0;  // of the pictures
  std::uint32_t height = 0;
};

struct FilmPicture {
  codec::PictureKind kind = codec::PictureKind::png;
  Buffer bytes;
  std::size_t begin = 0;  // of the picture in them
  Bytes picture() const { return Bytes{bytes}.subspan(begin); }
};

class FilmPage {
 public:
  static Rendered<std::unique_ptr<FilmPage>> open(const PageSpec& spec);
  const PageFacts& facts() const { return facts_; }
  // Frames follow one another from 0 on, none left out. shown: its picture is taken next.
  Rendered<void> step(std::uint64_t frame, bool shown);
  Rendered<FilmPicture> take();

 private:
  Rendered<FilmPicture> take_canvas();
  FilmPage(const PageSpec& spec, BrowserProcess browser);
  Rendered<void> prepare();
  Rendered<void> navigate();
  // What the page says of itself once it is there, and leads nowhere else.
  Rendered<nlohmann::json> ready();
  Rendered<void> read_facts();
  void on_event(const std::string& method, const nlohmann::json& params);
  void on_navigated(const nlohmann::json& frame);
  void on_context(const nlohmann::json& context);
  void on_request(const std::string& method, const nlohmann::json& params);
  void give_html(const nlohmann::json& asked);
  // In every frame of the page, the page itself first.
  Rendered<nlohmann::json> in_all(const std::string& expression);
  Rendered<nlohmann::json> in(int context, const std::string& expression);
  // No request is under way, and what came has been worked on.
  Rendered<void> settle();
  Rendered<void> judge() const;
  std::string late_because() const;
  static std::string gone_to(const std::string& address);

  const PageSpec spec_;
  BrowserProcess browser_;
  Devtools devtools_;
  PageFacts facts_;
  std::string main_frame_;
  int main_context_ = 0;
  std::set<int> contexts_;                           // of the frames within it
  std::map<std::string, std::string> requests_;      // under way: id, URL
  std::map<std::string, std::string> own_requests_;  // which the page waits for itself, likewise
  int status_ = 0;                                   // HTTP's, of the page; 0 = it is none of HTTP
  int pages_ = 0;                                    // that were gone to
  std::string address_;                              // of the page that is there
  std::string next_;                                 // that it asked for; "" = none
  bool loaded_ = false;
  bool left_ = false;    // what was asked of it went with it
  bool filmed_ = false;  // it stays from now on
  std::string thrown_;   // the first error of the page; "" = none
};

// What an `exceptionThrown` says, in a line: "file:///film.html:12:5: Error: no such thing".
std::string error_line(const nlohmann::json& details);

}  // namespace framewire::cli
