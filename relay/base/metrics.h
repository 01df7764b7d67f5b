// What the server counts, and how Prometheus reads it.
//
// Each loop owns a plain LoopCounters and adds to it on its own thread: no atomics, no locks. Now
// and then it posts a copy to the loop that answers /metrics, which keeps the newest copy of each
// loop in Metrics and shows the sums. A counter here only grows; the `..._now` members are
// what is there right now.
//
// clang-format off
// | name | type | labels | meaning |
// |---|---|---|---|
// | framewire_received_bytes_total | counter |  | media bytes taken from publishers |
// | framewire_received_messages_total | counter |  | WebSocket messages and body pieces |
// | framewire_duplicate_messages_total | counter |  | dropped: already had, after a resume |
// | framewire_parts_total | counter |  | parts cut from what was received |
// | framewire_groups_too_long_total | counter |  | groups that outgrew their ring |
// | framewire_sent_bytes_total | counter |  | bytes given to viewers' sockets |
// | framewire_sent_parts_total | counter |  | parts given to viewers |
// | framewire_side_texts_total | counter | result | texts of the side channel, by what became of them |
// | framewire_skips_total | counter | reason | a viewer moved to a newer group |
// | framewire_refusals_total | counter | reason | requests refused (relay/base/refusal.h) |
// | framewire_closes_total | counter | code | WebSockets closed, by the first code said; 1006 = none was |
// | framewire_streams | gauge |  | streams with a publisher or lingering |
// | framewire_derived_streams | gauge |  | other formats of streams being made |
// | framewire_codec_worker_deaths_total | counter |  | codec workers that died, and were started again |
// | framewire_restreams | gauge | state | streams passed on (--restream): `connected`, `connecting`, `waiting` to try again |
// | framewire_restream_bytes_total | counter |  | media bytes given to those connections |
// | framewire_restream_failures_total | counter |  | such connections that failed, or were refused |
// | framewire_publishers, framewire_viewers | gauge | mode | connected now, by `ws` and `http`; viewers also by `hls` (who asks for playlists) |
// | framewire_ring_bytes | gauge |  | memory of the media held in rings |
// | framewire_rtt_seconds | histogram |  | ping to pong |
// | framewire_viewer_delay_seconds | histogram |  | capture to screen, as viewers report it whose publishers tell by the server's clock |
// | framewire_viewer_latency_seconds | histogram |  | in the viewer's page, as viewers report it |
// | framewire_viewer_buffered_seconds | histogram |  | as viewers report it |
// | framewire_viewer_dropped_frames_total | counter |  | as viewers report it |
// | framewire_recordings | gauge | state | `recording` now, `finalising` or waiting for that |
// | framewire_recordings_bytes | gauge |  | what all recordings take on the disk |
// | framewire_recorded_bytes_total | counter |  | media bytes appended to recordings |
// | framewire_recordings_finalised_total | counter |  | files made seekable |
// | framewire_recording_errors_total | counter | reason | (relay/base/record_faults.h) |
// | framewire_recording_dropped_parts_total | counter |  | left out: the disk was too slow |
// | framewire_recordings_deleted_total | counter | reason | `age`, `size`, `api` or `uploaded` |
// | framewire_uploads | gauge | state | `waiting` or `sending` |
// | framewire_uploads_done_total | counter |  | recordings that a server has |
// | framewire_uploads_failed_total | counter |  | given up |
// | framewire_upload_retries_total | counter |  | tries that failed, and were not the last |
// | framewire_uploaded_bytes_total | counter |  | of recordings that a server has |
// clang-format on
//
// A reason or code that never happened is shown as 0 for skips and modes, and left out for the
// rest. Thread: a LoopCounters belongs to its loop, a Metrics to one loop.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "relay/base/recorder_counters.h"
#include "relay/base/refusal.h"
#include "relay/base/restream.h"

namespace framewire::relay {

// A histogram over fixed upper bounds in seconds, ascending; what is above the last counts in
// `above`.
template <const auto& Bounds>
struct Histogram {
  std::array<std::uint64_t, Bounds.size()> counts{};  // not cumulative
  std::uint64_t above = 0;
  double sum = 0;

  void observe(double seconds) {
    sum += seconds;
    for (std::size_t i = 0; i < Bounds.size(); ++i) {
      if (seconds <= Bounds[i]) {
        ++counts[i];
        return;
      }
    }
    ++above;
  }
  void add(const Histogram& other) {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
    above += other.above;
    sum += other.sum;
  }
};

inline constexpr std::array kRttBounds = {0.001, 0.005, 0.01, 0.025, 0.05,
                                          0.1,   0.25,  0.5,  1.0,   2.5};
inline constexpr std::array kDelayBounds = {0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3,
                                            0.5,  0.75, 1.0,  1.5,  2.0, 3.0,  5.0, 10.0};
inline constexpr std::array kLatencyBounds = {0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0};

enum class SkipReason : std::uint8_t { lag, ring, overload };
inline constexpr std::size_t kSkipReasons = 3;
constexpr const char* to_string(SkipReason why) {
  switch (why) {
    case SkipReason::lag:
      return "lag";
    case SkipReason::ring:
      return "ring";
    case SkipReason::overload:
      break;
  }
  return "overload";
}

// What became of a text of the side channel.
enum class TextFate : std::uint8_t {
  passed_on,  // to all of its stream
  limited,    // too long, too many, muted, not allowed, or nobody to hear it: its sender was told
  dropped,    // for one viewer whose socket was full
};
inline constexpr std::array kTextFates = {"passed-on", "limited", "dropped"};

// Connections of one kind, now.
struct ByMode {
  std::uint64_t ws = 0;
  std::uint64_t http = 0;
};

struct LoopCounters {
  // From publishers.
  std::uint64_t received_bytes = 0;
  std::uint64_t received_messages = 0;
  std::uint64_t duplicate_messages = 0;
  std::uint64_t parts_cut = 0;
  std::uint64_t groups_too_long = 0;
  std::uint64_t codec_worker_deaths = 0;
  // To viewers.
  std::uint64_t sent_bytes = 0;
  std::uint64_t sent_parts = 0;
  std::array<std::uint64_t, kSkipReasons> skips{};            // by SkipReason
  std::array<std::uint64_t, kTextFates.size()> side_texts{};  // by TextFate
  std::uint64_t restream_bytes = 0;
  std::uint64_t restream_failures = 0;
  // Ends.
  std::array<std::uint64_t, kRefusals.size()> refusals{};  // by Refusal
  std::array<std::uint64_t, 16> closes{};                  // by code, from 1000
  std::uint64_t closes_other = 0;                          // 3000 and up, or no such code
  // Now.
  std::uint64_t streams_now = 0;
  std::uint64_t ring_bytes_now = 0;
  std::uint64_t derived_now = 0;
  std::array<std::uint64_t, kRestreamPhases.size()> restreams_now{};  // by RestreamPhase
  std::uint64_t hls_now = 0;                                          // streams
  std::uint64_t hls_viewers_now = 0;
  std::uint64_t hls_waiting_now = 0;
  std::uint64_t hls_bytes_now = 0;
  ByMode publishers_now;
  ByMode viewers_now;
  // Times.
  Histogram<kRttBounds> rtt;
  Histogram<kDelayBounds> viewer_delay;
  Histogram<kLatencyBounds> viewer_latency;
  Histogram<kLatencyBounds> viewer_buffered;
  std::uint64_t viewer_dropped_frames = 0;

  void skipped(SkipReason why) { ++skips[static_cast<std::size_t>(why)]; }
  void said(TextFate fate) { ++side_texts[static_cast<std::size_t>(fate)]; }
  void refused(Refusal why) { ++refusals[static_cast<std::size_t>(why)]; }
  void closed(unsigned code) {
    if (code >= 1000 && code - 1000 < closes.size()) {
      ++closes[code - 1000];
    } else {
      ++closes_other;
    }
  }
  // Adds every member of `other`: the sum over loops.
  void add(const LoopCounters& other);
};

class Metrics {
 public:
  // `newest` replaces what was known of that loop.
  void update(std::size_t loop_index, const LoopCounters& newest);

  void update(const RecorderCounters& newest) { recorder_ = newest; }

  LoopCounters totals() const;

  // The Prometheus text format, version 0.0.4.
  std::string render() const;

  static constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  std::vector<LoopCounters> loops_;
  std::optional<RecorderCounters> recorder_;  // nothing is recorded without
};

}  // namespace framewire::relay
