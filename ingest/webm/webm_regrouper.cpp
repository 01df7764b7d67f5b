#include "ingest/webm/webm_regrouper.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <limits>
#include <utility>

namespace framewire {
namespace {

constexpr std::array kClusterOfUnknownSize = {std::byte{0x1F}, std::byte{0x43}, std::byte{0xB6},
                                              std::byte{0x75}, std::byte{0x01}, std::byte{0xFF},
                                              std::byte{0xFF}, std::byte{0xFF}, std::byte{0xFF},
                                              std::byte{0xFF}, std::byte{0xFF}, std::byte{0xFF}};

void append_timestamp(Buffer& to, std::uint64_t ticks) {
  const auto length =
      std::max<std::size_t>(1, (static_cast<std::size_t>(std::bit_width(ticks)) + 7) / 8);
  std::array<std::byte, 8> value;
  store_be(value.data(), ticks);
  to.push_back(std::byte{ebml::kTimestamp});
  to.push_back(static_cast<std::byte>(0x80 | length));
  append(to, Bytes{value}.last(length));
}

bool fits_int16(std::int64_t value) {
  return value >= std::numeric_limits<std::int16_t>::min() &&
         value <= std::numeric_limits<std::int16_t>::max();
}

}  // namespace

void WebmRegrouper::start_epoch(Bytes init, WebmTime time, bool has_video,
                                std::optional<PictureOrder> order) {
  finish();
  time_ = time;
  clock_ = WebmClock{time};
  has_video_ = has_video;
  cluster_ticks_.reset();
  order_ = std::move(order);
  shown_.reset();
  if (order_ && order_->reorder() > 0) shown_.emplace(order_->reorder(), time.seconds(1));
  sink_.on_part(Rendition::webm, {.init = true, .payload = init});
}

bool WebmRegrouper::place(std::int64_t ticks, bool main_video, bool keyframe) {
  const bool second_over = !cluster_ticks_ || ticks - *cluster_ticks_ >= time_.seconds(1);
  const bool starts_group = has_video_ ? main_video && keyframe : second_over;
  if (starts_group) {
    start_cluster(ticks, true);
  } else if (!cluster_ticks_) {
    return false;  // before the first keyframe
  } else if (!fits_int16(ticks - *cluster_ticks_)) {
    start_cluster(ticks, !has_video_);
  }
  if (held_.empty()) facts_ = {.pts_us = time_.to_us(ticks), .payload = {}};
  return true;
}

void WebmRegrouper::add(const WebmBlock& block, Bytes element, std::int64_t came, bool main_video,
                        std::int64_t frame_ns) {
  if (block.lacing != Lacing::none) {
    if (main_video && shown_) shown_->flush(put_waiting_);
    return add_laced(block, clock_.place(block.track, came), main_video, frame_ns);
  }
  if (!main_video || !shown_) return put(block, element, came, main_video);
  const auto order = order_->next(block.frame);
  // Mostly nothing waits, and what comes is put at once: no copy.
  if (waiting_.empty()) {
    bool placed = false;
    shown_->put(order, came, [&](std::int64_t at) {
      placed = true;
      put(block, element, at, true);
    });
    if (!placed) wait(block, element);
    return;
  }
  wait(block, element);
  shown_->put(order, came, put_waiting_);
  if (waiting_bytes_ > kMostWaitingBytes) shown_->flush(put_waiting_);
}

void WebmRegrouper::wait(const WebmBlock& block, Bytes element) {
  waiting_.push_back({block, {element.begin(), element.end()}});
  waiting_bytes_ += element.size();
}

void WebmRegrouper::put_oldest(std::int64_t at) {
  const Waiting one = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_bytes_ -= one.element.size();
  put(one.block, one.element, at, true);
}

void WebmRegrouper::put(const WebmBlock& block, Bytes element, std::int64_t came, bool main_video) {
  const std::int64_t ticks = clock_.place(block.track, came);
  if (!place(ticks, main_video, block.keyframe)) return;
  append_block(held_, element, block, static_cast<std::int16_t>(ticks - *cluster_ticks_));
  if (held_.size() >= limits_.part_target_bytes) flush();
}

// One whose sizes are wrong is left out: the frames in it are not to be found.
void WebmRegrouper::add_laced(const WebmBlock& block, std::int64_t ticks, bool main_video,
                              std::int64_t frame_ns) {
  const auto frames = unlace(block.lacing, block.frame);
  if (!frames) return;
  std::int64_t index = 0;
  for (const Bytes frame : *frames) {
    const std::int64_t at = ticks + time_.ticks(index++ * frame_ns);
    if (!place(at, main_video, block.keyframe)) continue;
    append_simple_block(held_, block, frame, static_cast<std::int16_t>(at - *cluster_ticks_));
    if (held_.size() >= limits_.part_target_bytes) flush();
  }
}

// Timestamps are unsigned; a first block before time 0 stands behind a Cluster at 0.
void WebmRegrouper::start_cluster(std::int64_t ticks, bool group_start) {
  const std::int64_t timestamp = std::max<std::int64_t>(ticks, 0);
  flush();
  facts_ = {.group_start = group_start, .pts_us = time_.to_us(ticks), .payload = {}};
  append(held_, kClusterOfUnknownSize);
  append_timestamp(held_, static_cast<std::uint64_t>(timestamp));
  cluster_ticks_ = timestamp;
}

void WebmRegrouper::finish() {
  if (shown_) shown_->flush(put_waiting_);
  flush();
}

void WebmRegrouper::flush() {
  if (held_.empty()) return;
  facts_.payload = held_;
  sink_.on_part(Rendition::webm, facts_);
  held_.clear();
}

}  // namespace framewire
