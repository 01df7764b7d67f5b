#include "tools/serving/serve_render_rows.h"

#include "relay/access/origin_pattern.h"
#include "tools/serving/option_row_kinds.h"

namespace framewire::cli {
namespace {

using relay::Config;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

std::string check_render_origin(std::string_view origin) {
  if (origin != "*" && !origin.starts_with("https://") && !origin.starts_with("http://"))
    return fmt::format("\"{}\" begins with neither https:// nor http://", origin);
  return relay::why_no_origin(origin);
}

}  // namespace

// The desk's thread reads them: they stay as they were at the start.
std::vector<OptionRow> render_rows() {
  return {
      fixed(toggle(
          "render", [](Config& c) -> bool& { return c.render; },
          "Make films of web pages for who may manage (POST /api/v1/render, /render), by this "
          "machine's Chromium, into --record-dir: of HTML that is sent, which reaches no network")),
      fixed(list(
          "render-origin", "ORIGIN",
          [](Config& c) -> std::vector<std::string>& { return c.render_origins; },
          check_render_origin,
          "Such films may open, and load from, https://example.com or https://*.example.org; * = "
          "whatever this machine reaches, its own network too. Repeatable")),
      fixed(file(
          "render-chromium", [](Config& c) -> std::string& { return c.render_chromium; },
          "The browser, where it is not chromium or google-chrome in PATH")),
      fixed(count<std::size_t>(
          "render-jobs", [](Config& c) -> std::size_t& { return c.render_jobs; }, 1, 64,
          "Films that are made at a time")),
      fixed(count<std::size_t>(
          "render-queue", [](Config& c) -> std::size_t& { return c.render_queue; }, 1, 10'000,
          "Films that wait for that; then 503")),
      fixed(count<std::size_t>(
          "render-workers", [](Config& c) -> std::size_t& { return c.render_workers; }, 1, 32,
          "Browsers side by side that one film may ask for")),
      fixed(duration(
          "render-time", [](Config& c) -> milliseconds& { return c.render_time; }, 1s, 168h,
          "How long one film may take")),
      fixed(size(
          "render-size", [](Config& c) -> std::size_t& { return c.render_bytes; }, kMiB,
          1024 * kGiB, "How large one film may be")),
      fixed(size(
          "render-body", [](Config& c) -> std::size_t& { return c.render_body_bytes; }, kKiB, kGiB,
          "A request for a film: the page, its props and its sound")),
      fixed(count<std::size_t>(
          "render-kept", [](Config& c) -> std::size_t& { return c.render_kept; }, 1, 100'000,
          "Films that are over and stay in the list; their files are recordings, which "
          "--record-keep and --record-max-size delete")),
  };
}

}  // namespace framewire::cli
