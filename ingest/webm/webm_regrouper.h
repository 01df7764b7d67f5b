// Makes the `webm` rendition: the same blocks, a new Cluster of unknown size at each keyframe of
// the main video track and only there, so that a viewer who joins at a Cluster can decode at once.
// (Browsers start Clusters in the middle of a GOP, and Firefox's MSE drops such Clusters.)
//
// - A Cluster's Timestamp is its keyframe's; other blocks keep their bytes but for the int16.
// - Blocks before the first keyframe are left out: behind it they would need negative timestamps,
//   which Chromium's MSE refuses, and before it they would need a Cluster without a keyframe.
// - Without video, a Cluster at least each second of media.
// - A laced block becomes a block for each of its frames: Chromium's MSE refuses lacing.
// - Times that jump go on where they were (webm_clock.h).
// - A block too far from its Cluster's Timestamp for an int16 gets a continuation Cluster, which
//   starts no group.
#pragma once
#include <cstdint>
#include <optional>

#include "ingest/cut/cutter.h"
#include "ingest/webm/webm_block.h"
#include "ingest/webm/webm_clock.h"
#include "ingest/webm/webm_time.h"

namespace framewire {

class WebmRegrouper {
 public:
  // sink outlives the regrouper.
  WebmRegrouper(const Limits& limits, PartSink& sink) : limits_(limits), sink_(sink) {}

  // Gives out the init part. has_video: keyframes start Clusters.
  void start_epoch(Bytes init, WebmTime time, bool has_video);
  // element: the whole SimpleBlock or BlockGroup that block was read from; ticks: its absolute
  // time; frame_ns: of a laced block, how long each frame lasts.
  void add(const WebmBlock& block, Bytes element, std::int64_t ticks, bool main_video,
           std::int64_t frame_ns);
  // Gives out what is held, if anything.
  void flush();

 private:
  // Opens the Cluster that a block of this time stands in, if it is not open.
  // False: it is left out.
  bool place(std::int64_t ticks, bool main_video, bool keyframe);
  void add_laced(const WebmBlock& block, std::int64_t ticks, bool main_video,
                 std::int64_t frame_ns);
  void start_cluster(std::int64_t ticks, bool group_start);

  Limits limits_;
  PartSink& sink_;
  WebmTime time_;
  WebmClock clock_;
  bool has_video_ = false;
  std::optional<std::int64_t> cluster_ticks_;  // the open Cluster's Timestamp
  Buffer held_;                                // the next part
  CutPart facts_;                              // its facts
};

}  // namespace framewire
