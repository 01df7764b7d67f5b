#include "tools/render/render_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace framewire::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::chrono::milliseconds kProgressEvery{500};
constexpr int kMostLines = 100;  // of the page

std::atomic<bool> page_in_json{false};

// In one write, so that lines of several threads stay whole.
void say(const ordered_json& object) {
  const std::string line =
      object.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

std::string clock_time(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(std::max(seconds, 0.0)));
  if (whole >= 3600)
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace

RenderReport::RenderReport(const RenderOptions& options)
    : options_(options),
      json_(options.report == ReportKind::json),
      line_(options.out, options.quiet || json_) {
  if (json_) say_of_page_in_json();
}

double RenderReport::seconds() const {
  return std::max(std::chrono::duration<double>(Clock::now() - begun_).count(), 1e-6);
}

void RenderReport::begin(const FilmPlan& plan) {
  plan_ = plan;
  begun_ = shown_at_ = Clock::now();
  if (json_)
    say({{"type", "film"},
         {"frames", plan.frames},
         {"width", plan.width},
         {"height", plan.height},
         {"fps", plan.fps}});
}

void RenderReport::made(std::uint64_t frames) {
  const auto now = Clock::now();
  if (now - shown_at_ < kProgressEvery) return;
  shown_at_ = now;
  const double rate = static_cast<double>(frames) / seconds();
  const double left = static_cast<double>(plan_.frames - frames) / rate;
  if (json_)
    say({{"type", "progress"},
         {"frame", frames},
         {"frames", plan_.frames},
         {"fps", std::round(rate * 100) / 100},
         {"eta_ms", std::llround(left * 1000)}});
  else
    line_.show_waiting(fmt::format("frame {} of {}, {:.1f} frames/s, {} left", frames, plan_.frames,
                                   rate, clock_time(left)));
}

void RenderReport::done(std::uint64_t bytes) {
  const double took = seconds();
  if (json_)
    say({{"type", "done"},
         {"frames", plan_.frames},
         {"bytes", bytes},
         {"seconds", std::round(took * 1000) / 1000}});
  else if (!options_.quiet)
    fmt::print("{}: {}, {} bytes; made in {:.1f} s, {:.1f} frames/s\n", options_.out,
               in_words(plan_), bytes, took, static_cast<double>(plan_.frames) / took);
}

void RenderReport::failed(const RenderFailure& failure) {
  if (json_)
    say({{"type", "failed"}, {"code", static_cast<int>(failure.code)}, {"message", failure.what}});
  else
    fmt::print(stderr, "framewire: {}\n", failure.what);
}

void say_of_page_in_json() {
  page_in_json = true;
}

void say_of_page(const std::string& line) {
  static std::atomic<int> said{0};
  const int before = said.fetch_add(1);
  if (before > kMostLines) return;
  const std::string text = before < kMostLines ? line : "it says more, which is left out";
  if (page_in_json)
    say({{"type", "page"}, {"text", text}});
  else
    fmt::print(stderr, "framewire: page: {}\n", text);
}

}  // namespace framewire::cli
