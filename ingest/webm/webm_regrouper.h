// Makes the `webm` rendition: the same blocks, a new Cluster of unknown size at each keyframe of
// the main video track and only there, so that a viewer who joins at a Cluster can decode at once.
// (Browsers start Clusters in the middle of a GOP, and Firefox's MSE drops such Clusters.)
//
// - A Cluster's Timestamp is its keyframe's; other blocks keep their bytes but for the int16.
// - Blocks before the first keyframe are left out: behind it they would need negative timestamps,
//   which Chromium's MSE refuses, and before it they would need a Cluster without a keyframe.
// - Without video, a Cluster at least each second of media.
// - A laced block becomes a block for each of its frames: Chromium's MSE refuses lacing.
// - Times that jump go on where they were (webm_clock.h). Those that contradict the order of the
//   pictures (shown_times.h) make these wait for the next ones, up to kMostWaitingBytes.
// - A block too far from its Cluster's Timestamp for an int16 gets a continuation Cluster, which
//   starts no group.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>

#include "ingest/codecs/picture_order.h"
#include "ingest/cut/cutter.h"
#include "ingest/times/shown_times.h"
#include "ingest/webm/webm_block.h"
#include "ingest/webm/webm_clock.h"
#include "ingest/webm/webm_time.h"

namespace framewire {

class WebmRegrouper {
 public:
  static constexpr std::size_t kMostWaitingBytes = 8u << 20;

  // sink outlives the regrouper.
  WebmRegrouper(const Limits& limits, PartSink& sink) : limits_(limits), sink_(sink) {}

  // Gives out the init part. has_video: keyframes start Clusters. order: of the main video, if its
  // pictures tell it.
  void start_epoch(Bytes init, WebmTime time, bool has_video, std::optional<PictureOrder> order);
  // element: the whole SimpleBlock or BlockGroup that block was read from; ticks: its absolute
  // time; frame_ns: of a laced block, how long each frame lasts.
  void add(const WebmBlock& block, Bytes element, std::int64_t ticks, bool main_video,
           std::int64_t frame_ns);
  // Gives out what has its place, if anything.
  void flush();
  // Nothing comes behind it in this epoch: gives out all.
  void finish();

 private:
  struct Waiting {
    WebmBlock block;  // of element; its frame is gone
    Buffer element;
  };
  // Opens the Cluster that a block of this time stands in, if it is not open.
  // False: it is left out.
  bool place(std::int64_t ticks, bool main_video, bool keyframe);
  void put(const WebmBlock& block, Bytes element, std::int64_t came, bool main_video);
  void wait(const WebmBlock& block, Bytes element);
  void put_oldest(std::int64_t at);
  void add_laced(const WebmBlock& block, std::int64_t ticks, bool main_video,
                 std::int64_t frame_ns);
  void start_cluster(std::int64_t ticks, bool group_start);

  Limits limits_;
  PartSink& sink_;
  WebmTime time_;
  WebmClock clock_;
  bool has_video_ = false;
  std::optional<PictureOrder> order_;  // of the main video
  std::optional<ShownTimes> shown_;
  std::deque<Waiting> waiting_;  // of the main video, until their times are judged
  std::size_t waiting_bytes_ = 0;
  ShownTimes::Take put_waiting_ = [this](std::int64_t at) { put_oldest(at); };
  std::optional<std::int64_t> cluster_ticks_;  // the open Cluster's Timestamp
  Buffer held_;                                // the next part
  CutPart facts_;                              // its facts
};

}  // namespace framewire
