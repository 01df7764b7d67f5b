#include "tools/render/render_command_line.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <ctime>

#include "codec/render.h"
#include "ingest/base/try.h"
#include "tools/base/help_text.h"
#include "tools/render/film_plan.h"
#include "tools/render/isolation.h"
#include "tools/render/page_url.h"

namespace framewire::cli {
namespace {

constexpr const char* kRenderFooter =
    "  framewire render title.html -o title.mp4 --duration 5s\n"
    "  framewire render http://localhost:3000/scene -o scene.webm --alpha --fps 30 --duration 10s\n"
    "  framewire render chart.html -o frames/%05d.png --props data.json --duration 2s\n\n"
    "A Chromium of this machine opens the page without a window, at a clock that stands until a\n"
    "frame has been taken: CSS and scripts move by the film's time, however long a frame takes,\n"
    "and each run makes the same frames. A page sees window.framewire.render (frame, time, fps,\n"
    "props), and may set its duration, ready and onFrame; docs/films.md tells more.";

constexpr const char* kFilmGroup = "The film";
constexpr const char* kPageGroup = "The page";
constexpr const char* kRunGroup = "The run";

template <class T>
Parsed<T> of_option(const char* option, Parsed<T> value) {
  if (value) return value;
  return tl::make_unexpected(fmt::format("{}: {}", option, value.error()));
}

tl::unexpected<std::string> wrong(std::string what) {
  return tl::make_unexpected(std::move(what));
}

Parsed<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return wrong(fmt::format("\"{}\" is no number", text));
  return value;
}

// 60, 29.97, 30000/1001.
Parsed<double> parse_fps(std::string_view text) {
  const std::size_t slash = text.find('/');
  ASSIGN_OR_RETURN(double fps, parse_number(text.substr(0, slash)));
  if (slash != std::string_view::npos) {
    ASSIGN_OR_RETURN(const double below, parse_number(text.substr(slash + 1)));
    fps = below > 0 ? fps / below : 0;
  }
  if (!(fps >= kLeastFps && fps <= kMostFps))
    return wrong(fmt::format("{} to {} frames a second", kLeastFps, kMostFps));
  return fps;
}

// 1920x1080.
Parsed<std::pair<std::uint32_t, std::uint32_t>> parse_picture_size(std::string_view text) {
  const std::size_t at = text.find('x');
  if (at == std::string_view::npos) return wrong("such as 1920x1080");
  const auto width = parse_count(text.substr(0, at)), height = parse_count(text.substr(at + 1));
  if (!width || !height || *width < 1 || *height < 1 || *width > kLargestSide ||
      *height > kLargestSide)
    return wrong(fmt::format("such as 1920x1080, each side 1 to {}", kLargestSide));
  return std::pair{static_cast<std::uint32_t>(*width), static_cast<std::uint32_t>(*height)};
}

// 2026-01-31 or 2026-01-31T12:00:00, in UTC.
Parsed<std::int64_t> parse_date(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%Y-%m-%d", &parts);
  if (end && *end == 'T') end = ::strptime(end, "T%H:%M:%S", &parts);
  if (!end || (*end != '\0' && std::string_view{end} != "Z"))
    return wrong("such as 2026-01-31, or 2026-01-31T12:00:00, in UTC");
  return static_cast<std::int64_t>(::timegm(&parts)) * 1000;
}

}  // namespace

struct RenderCommandLine::Words {
  std::string page, out, fps, duration, size = "1920x1080", scale = "1", canvas, audio, props;
  std::string codec, quality = "high", chroma, bit_depth, loop = "0", hashes, chromium,
                     date = "2026-01-01", seed = "1";
  std::string workers = "1", wait = "60s", capture = "png", progress = "line", port = "0";
  std::vector<std::string> reach;
  bool alpha = false, gpu = false, ignore_errors = false, dry_run = false, force = false;
  bool quiet = false, isolated = false, preview = false;
};

RenderCommandLine::RenderCommandLine(CLI::App& app) : words_(std::make_unique<Words>()) {
  Words& w = *words_;
  CLI::App& c = *app.add_subcommand("render", "Make a film of a web page, frame by frame");
  command_ = &c;
  c.group("Commands");
  c.footer(kRenderFooter);
  c.allow_extras();
  c.add_option("PAGE", w.page, "A URL, or a file: film.html")
      ->required()
      ->envname("FRAMEWIRE_RENDER_PAGE")  // other users of the machine see command lines
      ->option_text(" ");
  const auto value = [&](const char* name, std::string& to, const char* shape, const char* help,
                         const char* group) {
    c.add_option(name, to, wrapped(help))->option_text(shape)->group(group);
  };
  const auto flag = [&](const char* name, bool& to, const char* help, const char* group) {
    c.add_flag(name, to, wrapped(help))->group(group);
  };
  value("-o,--out", w.out, "FILE",
        "Where to: .mp4 .webm .mkv .mov; .gif .webp .apng .avif, if it is short; or "
        "frames/%05d.png, a file for each frame",
        kFilmGroup);
  value("--fps", w.fps, "NUMBER",
        "Frames a second: 60, 29.97, 30000/1001 [the page's, or 60; of a "
        "GIF 25]",
        kFilmGroup);
  value("--duration", w.duration, "TIME", "How long the film is: 20s [the page says]", kFilmGroup);
  value("--size", w.size, "WxH", "Of the film, in pixels [1920x1080]", kFilmGroup);
  value("--scale", w.scale, "NUMBER",
        "Pixels of the film for one of the page: 2 is what phones have [1]", kFilmGroup);
  value("--audio", w.audio, "FILE", "The film's sound, from its beginning; cut at the film's end",
        kFilmGroup);
  flag("--alpha", w.alpha,
       "Keep transparency: .webm (VP9), .mov (ProRes 4444), .webp, .apng, .gif and .png",
       kFilmGroup);
  value("--codec", w.codec, "NAME", "h264, vp8, vp9, av1, prores [what the file is known for]",
        kFilmGroup);
  value("--quality", w.quality, "NAME", "draft, good, high, lossless [high]", kFilmGroup);
  value("--chroma", w.chroma, "420|422|444",
        "How many pixels share a colour: 4, 2 or none [420; 444 of ProRes and lossless]",
        kFilmGroup);
  value("--bit-depth", w.bit_depth, "8|10", "Bits of a sample [8; 10 of ProRes]", kFilmGroup);
  value("--loop", w.loop, "NUMBER", "How often .gif, .webp and .apng are played; 0 = for ever [0]",
        kFilmGroup);
  value("--canvas", w.canvas, "SELECTOR",
        "Of the page only this canvas, in its own size: \"#scene\" [the whole page]", kPageGroup);
  value("--props", w.props, "FILE", "JSON that the page finds as framewire.render.props",
        kPageGroup);
  value("--date", w.date, "DATE", "What its clock shows at the beginning, UTC [2026-01-01]",
        kPageGroup);
  value("--seed", w.seed, "NUMBER", "Of its Math.random(), which is the same at each run [1]",
        kPageGroup);
  flag("--ignore-errors", w.ignore_errors, "Go on when a script of the page fails", kPageGroup);
  flag("--isolated", w.isolated,
       "A page of a stranger: it reads no file, and reaches no server but those of --reach",
       kPageGroup);
  c.add_option("--reach", w.reach,
               wrapped("Where --isolated lets it: https://cdn.example.org, or * for any server. "
                       "Repeatable"))
      ->option_text("ORIGIN")
      ->allow_extra_args(false)
      ->group(kPageGroup);
  value("--wait", w.wait, "TIME", "For how long the page may keep a frame waiting [60s]",
        kPageGroup);
  value("--workers", w.workers, "NUMBER",
        "So many browsers side by side, which share the frames [1]", kRunGroup);
  value("--capture", w.capture, "png|jpeg",
        "How pixels leave the browser: png, exactly; jpeg, sooner, at quality 100 [png]",
        kRunGroup);
  flag("--gpu", w.gpu, "Draw by the graphics card: another card may make other frames", kRunGroup);
  value("--chromium", w.chromium, "PATH", "The browser [chromium, google-chrome, ... in PATH]",
        kRunGroup);
  value("--hashes", w.hashes, "FILE", "Write the XXH64 of each frame's pixels there, a line each",
        kRunGroup);
  value("--progress", w.progress, "line|json",
        "How far it is: a line, on a terminal; or, on stderr, a JSON object on each line [line]",
        kRunGroup);
  flag("--preview", w.preview,
       "Show its frames in a browser, at an address of this machine; no film is made", kRunGroup);
  value("--port", w.port, "NUMBER", "Of the preview; 0 = any free one [0]", kRunGroup);
  flag("--dry-run", w.dry_run, "Open the page, say what would be made, and write nothing",
       kRunGroup);
  flag("--force", w.force, "Write over FILE if it is there", kRunGroup);
  flag("--quiet", w.quiet, "No progress line, and nothing at the end", kRunGroup);
  c.set_help_flag("-h,--help", "Show this help")->group(kRunGroup);
}

RenderCommandLine::~RenderCommandLine() = default;

CLI::App* RenderCommandLine::parsed() const {
  return command_->parsed() ? command_ : nullptr;
}

Parsed<RenderOptions> RenderCommandLine::resolve() const {
  const Words& w = *words_;
  RenderOptions out;
  out.page = w.page;
  out.out = w.out;
  if (!w.fps.empty()) {
    ASSIGN_OR_RETURN(const double fps, of_option("--fps", parse_fps(w.fps)));
    out.fps = fps;
  }
  if (!w.duration.empty()) {
    ASSIGN_OR_RETURN(out.duration, of_option("--duration", parse_duration(w.duration)));
    if (out.duration.count() == 0) return wrong("--duration: longer than that");
  }
  ASSIGN_OR_RETURN(const auto size, of_option("--size", parse_picture_size(w.size)));
  out.width = size.first;
  out.height = size.second;
  ASSIGN_OR_RETURN(out.scale, of_option("--scale", parse_number(w.scale)));
  if (!(out.scale >= 0.1 && out.scale <= 10)) return wrong("--scale: 0.1 to 10");
  out.canvas = w.canvas;
  out.audio = w.audio;
  out.props = w.props;
  out.hashes = w.hashes;
  out.chromium = w.chromium;
  ASSIGN_OR_RETURN(out.date_ms, of_option("--date", parse_date(w.date)));
  ASSIGN_OR_RETURN(const auto seed, of_option("--seed", parse_count(w.seed)));
  out.seed = static_cast<std::uint32_t>(seed);
  ASSIGN_OR_RETURN(const auto workers, of_option("--workers", parse_count(w.workers)));
  if (workers < 1 || workers > kMostWorkers)
    return wrong(fmt::format("--workers: 1 to {}", kMostWorkers));
  out.workers = static_cast<std::uint32_t>(workers);
  ASSIGN_OR_RETURN(out.wait, of_option("--wait", parse_duration(w.wait)));
  if (w.capture != "png" && w.capture != "jpeg") return wrong("--capture: it is png or jpeg");
  out.capture = w.capture == "jpeg" ? Capture::jpeg : Capture::png;
  if (w.progress != "line" && w.progress != "json") return wrong("--progress: it is line or json");
  out.report = w.progress == "json" ? ReportKind::json : ReportKind::line;
  if (!w.reach.empty() && !w.isolated) return wrong("--reach: it goes with --isolated");
  for (const std::string& origin : w.reach)
    if (const auto rule = reach_rule(origin); !rule)
      return wrong(fmt::format("--reach: {}", rule.error()));
  out.reach = w.reach;
  out.isolated = w.isolated;
  out.alpha = w.alpha;
  out.gpu = w.gpu;
  out.ignore_errors = w.ignore_errors;
  out.dry_run = w.dry_run;
  out.force = w.force;
  out.quiet = w.quiet;
  out.quality = w.quality;
  out.chroma = w.chroma;
  if (!w.bit_depth.empty()) {
    ASSIGN_OR_RETURN(const auto bits, of_option("--bit-depth", parse_count(w.bit_depth)));
    if (bits != 8 && bits != 10) return wrong("--bit-depth: it is 8 or 10");
    out.bit_depth = static_cast<std::uint32_t>(bits);
  }
  ASSIGN_OR_RETURN(const auto plays, of_option("--loop", parse_count(w.loop)));
  if (plays > kMostPlays) return wrong(fmt::format("--loop: 0 to {}", kMostPlays));
  out.plays = static_cast<std::uint32_t>(plays);
  out.preview = w.preview;
  ASSIGN_OR_RETURN(const auto port, of_option("--port", parse_count(w.port)));
  if (port > 65'535) return wrong("--port: 0 to 65535");
  out.port = static_cast<std::uint16_t>(port);

  if (out.out.empty()) {
    if (!out.dry_run && !out.preview) return wrong("-o FILE is missing: such as -o film.mp4");
    return out;
  }
  if (is_of_pictures(out.out)) {
    if (!out.audio.empty()) return wrong("--audio: pictures have no sound");
    for (const auto& [option, said] :
         {std::pair{"--codec", !w.codec.empty()}, std::pair{"--chroma", !w.chroma.empty()},
          std::pair{"--bit-depth", !w.bit_depth.empty()}, std::pair{"--loop", out.plays > 0}})
      if (said) return wrong(fmt::format("{}: pictures are PNG", option));
    if (out.capture == Capture::jpeg) return wrong("--capture: pictures are PNG");
    return out;
  }
  const std::string container = container_of_film(out.out);
  if (container.empty())
    return wrong(fmt::format("-o: a film's name ends in {}; pictures are called frames/%05d.png",
                             codec::film_containers()));
  out.codec = w.codec.empty() ? codec::usual_codec(container, out.alpha) : w.codec;
  codec::RenderSpec film = film_spec_of(out, {});
  film.fps = out.fps.value_or(0);
  if (const std::string why = codec::why_no_film(film); !why.empty()) return wrong(why);
  if (out.alpha && out.capture == Capture::jpeg)
    return wrong("--capture: a JPEG has no transparency");
  return out;
}

}  // namespace framewire::cli
