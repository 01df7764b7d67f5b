// What `framewire render` is told. Thread: any.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "tools/base/exit_codes.h"

namespace framewire::cli {

// How pixels of a page leave the browser: exactly, or quicker by a JPEG of quality 100.
enum class Capture : std::uint8_t { png, jpeg };

// How far it is: a line for people, or JSON for programs (render_report.h).
enum class ReportKind : std::uint8_t { line, json };

struct RenderOptions {
  std::string page;                       // a URL, or a file
  std::string out;                        // film.mp4, or frames/%05d.png; "" only if dry_run
  std::optional<double> fps;              // none: the page's, or a usual one
  std::chrono::milliseconds duration{0};  // 0: the page says
  std::uint32_t width = 1920;             // of the film
  std::uint32_t height = 1080;
  double scale = 1;    // the film's pixels for one of the page's
  std::string canvas;  // a CSS selector; "" = the whole page
  std::string audio;   // a file of sound; "" = none
  std::string props;   // JSON, the page's `framewire.render.props`
  std::string codec;   // "" = the usual one of the container
  std::string quality = "high";
  std::string chroma;              // 420, 422, 444; "" = the codec's usual one
  std::uint32_t bit_depth = 0;     // 8, 10; 0 = the codec's usual one
  std::uint32_t plays = 0;         // of an animated image; 0 = for ever
  std::string hashes;              // a file; "" = none
  std::string chromium;            // a path; "" = found by its name
  std::vector<std::string> reach;  // of an isolated page: origins; "*" = any
  std::int64_t date_ms = 0;  // what the page's clock shows at the film's beginning, since 1970
  std::uint32_t seed = 1;    // of the page's luck
  std::uint32_t workers = 1;
  std::chrono::milliseconds wait{60'000};  // for the page, each time that it is waited for
  Capture capture = Capture::png;
  bool alpha = false;
  ReportKind report = ReportKind::line;
  bool isolated = false;  // the page reaches no file, and no server but those of `reach`
  bool gpu = false;
  bool ignore_errors = false;
  bool dry_run = false;
  bool preview = false;    // its frames are shown by a browser, and no film is made
  std::uint16_t port = 0;  // of the preview; 0 = any free one
  bool force = false;
  bool quiet = false;
};

constexpr double kUsualRenderFps = 60;
constexpr double kUsualGifFps = 25;  // 60 is no rate of a GIF
constexpr std::uint32_t kMostPlays = 65'535;
constexpr double kLeastFps = 0.1, kMostFps = 1000;
constexpr std::uint32_t kMostWorkers = 32;
constexpr std::uint32_t kLargestSide = 8192;
constexpr std::uint64_t kMostFrames = 10'000'000;

// Why a film could not be made: a sentence for people, for stderr, and its exit code.
struct RenderFailure {
  std::string what;
  ExitCode code = kExitFailed;
};
template <class T>
using Rendered = tl::expected<T, RenderFailure>;
inline tl::unexpected<RenderFailure> no_film(std::string what, ExitCode code = kExitFailed) {
  return tl::make_unexpected(RenderFailure{std::move(what), code});
}

// Exit codes: tools/base/exit_codes.h.
int render_command(const RenderOptions& options);

}  // namespace framewire::cli
