// What is known of one film of a page that the API ordered: what it answers, and what is kept of it
// on the disk over a restart. Values. Thread: any.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/error.h"
#include "relay/access/request.h"
#include "relay/base/event.h"

namespace framewire::relay {

enum class RenderState : std::uint8_t { queued, running, done, failed, cancelled };
std::string_view to_string(RenderState state);

struct RenderInfo {
  std::uint64_t id = 0;  // ascending, over restarts too
  RenderState state = RenderState::queued;
  std::string title;
  std::string page;    // its URL, without what may be a secret in it; "" = HTML that was sent
  std::string format;  // mp4, webm, mkv, mov, gif, webp, apng, avif
  std::int64_t asked_ms = 0;  // since 1970
  std::int64_t begun_ms = 0;  // 0 = not yet
  std::int64_t ended_ms = 0;
  // Once the page is there.
  std::uint64_t frames = 0;  // of the film
  double fps = 0;
  std::uint32_t width = 0;  // pixels
  std::uint32_t height = 0;
  // While it is made.
  std::uint64_t frame = 0;  // that were made
  std::optional<std::int64_t> eta_ms;
  std::vector<std::string> said;  // by the page: errors and warnings, with file and line
  // In the end.
  std::string error_code;  // for programs; "" = none
  std::string error;       // a sentence
  std::string recording;   // an id
  std::uint64_t bytes = 0;
};

inline constexpr std::size_t kMostSaid = 101;  // tools/render/render_report.cpp says so many

// A line of `framewire render --progress json`. What is none of these is left alone.
void take_progress(std::string_view line, RenderInfo& info);

// The schema Render. The same text is the note on the disk.
std::string render_json(const RenderInfo& info);
// nullopt: the note is none.
std::optional<RenderInfo> read_render_note(std::string_view text);

inline constexpr std::size_t kRendersPerPage = 100, kMostRendersPerPage = 1'000;
struct RenderQuery {
  std::optional<std::uint64_t> before;  // a cursor: those that are older
  std::size_t limit = kRendersPerPage;
};
// ?limit=, ?cursor=. Errc::bad_text names the one that is none.
Result<RenderQuery> read_render_query(const Request& request);
// The schema Renders: of infos, which are the newest first, one more than the limit is enough.
std::string renders_json(const std::vector<const RenderInfo*>& infos, const RenderQuery& query);

// `render-finish` or `render-failed` (relay/base/event.h).
Event render_event(const RenderInfo& info);

}  // namespace framewire::relay
