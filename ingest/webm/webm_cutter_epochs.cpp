#include <fmt/format.h>

#include <string>

#include "ingest/base/try.h"
#include "ingest/webm/webm_cutter_state.h"
#include "ingest/webm/webm_tracks.h"

namespace framewire::webm_cutting {
namespace {

constexpr std::int64_t kProbeSeconds = 3;
// Reading a header costs as much as cutting megabytes: a stream may have this many epochs, and one
// more for each so many bytes.
constexpr std::uint64_t kFreeEpochs = 64;
constexpr std::uint64_t kBytesPerEpoch = 8u << 10;

}  // namespace

// ---- epochs ----

// at_ is at an EBML header; what stands before it ends, whatever sizes it declared.
Result<void> WebmCutter::start_epoch() {
  if (in_header_) {
    RETURN_IF_ERROR(end_header("another EBML header before Tracks"));
    if (probing_) end_probe();
  }
  flush_origin();
  regrouper_.finish();
  if (++epochs_ > kFreeEpochs + at_ / kBytesPerEpoch)
    return fail(Errc::limit_exceeded, fmt::format("{} EBML headers in {} bytes", epochs_, at_),
                at_ + left_out_);
  level_ = Level::start;
  in_header_ = true;
  seen_cluster_ = false;
  epoch_begin_ = at_;
  segment_end_ = cluster_end_ = kEndless;
  ebml_ = info_ = tracks_ = {};
  return {};
}

// All before the first Cluster is there: the init part.
Result<void> WebmCutter::end_header(std::string_view why_not_without_tracks) {
  if (tracks_.end == 0) return malformed(std::string(why_not_without_tracks));
  auto header =
      read_webm_header(element_of(ebml_), element_of(info_), element_of(tracks_), limits_);
  if (!header) return tl::make_unexpected(header.error());
  header_ = *std::move(header);
  const WebmTrack* video = header_.main_video();
  main_video_ = video ? video->number : 0;
  time_ = WebmTime(header_.timestamp_scale);
  last_ticks_ = 0;
  in_header_ = false;
  body_begin_ = at_;
  probing_ = header_.needs_keyframe();
  probe_ticks_.reset();
  if (!probing_) announce();
  return {};
}

void WebmCutter::announce() {
  sink_.on_epoch(header_.epoch_info());
  sink_.on_part(Rendition::origin,
                {.init = true, .payload = bytes_of({epoch_begin_, body_begin_})});
  const WebmTrack* video = header_.main_video();
  regrouper_.start_epoch(header_.regrouped_init, time_, video != nullptr,
                         video ? picture_order(*video) : std::nullopt);
  part_begin_ = body_begin_;
  part_ = {};
}

void WebmCutter::probe(const WebmBlock& block, std::int64_t ticks, std::uint64_t end) {
  if (!probe_ticks_) probe_ticks_ = ticks;
  WebmTrack* track = header_.find(block.track);
  if (track && track->needs_keyframe && block.keyframe && block.lacing == Lacing::none)
    settle_codec(*track, block.frame);
  if (!header_.needs_keyframe() || ticks - *probe_ticks_ >= time_.seconds(kProbeSeconds) ||
      end - epoch_begin_ >= kProbeBytes)
    end_probe();
}

// The codec strings are as good as they get: back to the first Cluster, and now in earnest.
void WebmCutter::end_probe() {
  probing_ = false;
  time_ = WebmTime(header_.timestamp_scale);
  level_ = Level::segment;
  cluster_end_ = kEndless;
  at_ = body_begin_;
  announce();
}

// ---- parts ----

Result<void> WebmCutter::leave_what_ended() {
  if (level_ == Level::cluster && at_ == cluster_end_) leave_cluster();
  if (level_ == Level::segment && at_ == segment_end_) {
    if (in_header_) return malformed("the Segment ends before its first Cluster");
    level_ = Level::document;
  }
  return {};
}

void WebmCutter::leave_cluster() {
  level_ = Level::segment;
  if (!probing_) flush_origin();
}

void WebmCutter::end_element(std::uint64_t end) {
  at_ = end;
  if (!probing_ && at_ - part_begin_ >= limits_.part_target_bytes) flush_origin();
}

void WebmCutter::flush_origin() {
  if (at_ > part_begin_)
    sink_.on_part(Rendition::origin,
                  {.group_start = part_.group_start,
                   .pts_us = time_.to_us(part_.first_ticks.value_or(last_ticks_)),
                   .payload = bytes_of({part_begin_, at_})});
  part_begin_ = at_;
  part_ = {};
}

}  // namespace framewire::webm_cutting
