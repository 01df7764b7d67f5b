// The state of the cutter of webm_cutter.h, whose work is done in webm_cutter.cpp (bytes, elements)
// and webm_cutter_epochs.cpp (epochs, parts). Included by these two alone.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ingest/cut/cutter.h"
#include "ingest/webm/webm_block.h"
#include "ingest/webm/webm_ebml.h"
#include "ingest/webm/webm_header.h"
#include "ingest/webm/webm_regrouper.h"
#include "ingest/webm/webm_time.h"

namespace framewire::webm_cutting {

inline constexpr std::uint64_t kEndless = ~std::uint64_t{0};
inline constexpr std::uint64_t kProbeBytes = 512u << 10;

// Where in the element tree the next element is due.
enum class Level {
  start,     // an EBML header
  document,  // the Segment; after it: Void, or the next EBML header
  segment,
  cluster,
};

struct Extent {
  std::uint64_t begin = 0;  // offsets in the publisher's stream
  std::uint64_t end = 0;
};

class WebmCutter final : public Cutter {
 public:
  WebmCutter(const CutterOptions& options, PartSink& sink)
      : limits_(options.limits), sink_(sink), regrouper_(options.limits, sink) {}

  Result<void> feed(Bytes bytes) override;
  Result<void> finish() override;

 private:
  // What is known of the origin part that is being gathered, [part_begin_, at_).
  struct OpenPart {
    bool group_start = false;
    bool undecided = false;     // whether it starts a group hangs on the first video block
    bool lone_cluster = false;  // a Cluster's head without a block yet
    std::optional<std::int64_t> first_ticks;
    bool must_wait() const { return undecided || lone_cluster; }
  };

  // The bytes in hand: [window_at_, window_end()).
  std::uint64_t window_end() const { return window_at_ + window_.size(); }
  Bytes bytes_of(Extent extent) const;
  WebmElement element_of(Extent extent) const { return {bytes_of(extent), extent.begin}; }
  void take_in(Bytes bytes);
  void let_go();

  Result<void> run();
  Result<void> advance();
  Result<bool> step();
  Result<void> check_fits(const ebml::ElementHead& head) const;
  Result<void> enter(const ebml::ElementHead& head);
  Result<void> on_whole(const ebml::ElementHead& head, Extent extent);
  Result<void> on_header_element(const ebml::ElementHead& head, Extent extent);
  Result<void> on_timestamp(Bytes data);
  Result<void> on_block(const ebml::ElementHead& head, Bytes element);
  std::int64_t frame_duration(const WebmBlock& block);
  bool may_be_left_out(const ebml::ElementHead& head) const;
  void leave_out(const ebml::ElementHead& head);

  Result<void> start_epoch();
  Result<void> end_header(std::string_view why_not_without_tracks);
  void announce();
  void probe(const WebmBlock& block, std::int64_t ticks, std::uint64_t end);
  void end_probe();
  Result<void> leave_what_ended();
  void leave_cluster();
  void end_element(std::uint64_t end);
  void flush_origin();

  tl::unexpected<Error> malformed(std::string what) const {
    return fail(Errc::malformed_media, std::move(what), at_ + left_out_);
  }

  Limits limits_;
  PartSink& sink_;
  WebmRegrouper regrouper_;
  std::optional<Error> error_;

  Bytes window_;  // of held_, or of what feed() was given
  Buffer held_;
  std::uint64_t window_at_ = 0;     // offsets: of what was published and not left out
  std::uint64_t at_ = 0;            // of the next element
  std::uint64_t left_out_ = 0;      // bytes that were published before at_, and count for nothing
  std::uint64_t to_leave_out_ = 0;  // of those, bytes that have not come
  bool noted_left_out_ = false;
  std::uint64_t needed_ = 0;  // no progress until the window reaches here

  Level level_ = Level::start;
  bool in_header_ = true;  // of the epoch: its init part is not given out yet
  bool probing_ = false;   // looking ahead for codec strings; nothing is given out
  std::uint64_t epochs_ = 1;
  std::uint64_t epoch_begin_ = 0;
  std::uint64_t body_begin_ = 0;  // of the epoch's first Cluster
  std::uint64_t segment_end_ = kEndless;
  std::uint64_t cluster_end_ = kEndless;
  Extent ebml_, info_, tracks_;
  WebmHeader header_;
  std::uint64_t main_video_ = 0;  // its TrackNumber; 0 = no video
  WebmTime time_;

  std::optional<std::int64_t> cluster_ticks_;  // the open Cluster's Timestamp
  std::optional<std::int64_t> probe_ticks_;    // of the first block probed
  std::uint64_t part_begin_ = 0;
  OpenPart part_;
  std::int64_t last_ticks_ = 0;
  bool seen_cluster_ = false;
};

}  // namespace framewire::webm_cutting
