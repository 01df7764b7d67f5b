#include "ingest/webm/webm_cutter.h"

#include <fmt/format.h>

#include <algorithm>

#include "ingest/base/try.h"
#include "ingest/webm/webm_cutter_state.h"

namespace framewire {
namespace webm_cutting {
namespace {

constexpr std::size_t kKeptCapacity = 1u << 20;  // what a large element took is given back
constexpr std::byte kEbmlMagic[] = {std::byte{0x1A}, std::byte{0x45}, std::byte{0xDF},
                                    std::byte{0xA3}};

}  // namespace

// ---- bytes in hand ----

Bytes WebmCutter::bytes_of(Extent extent) const {
  if (extent.begin == extent.end) return {};  // what is not there is nowhere in the window
  return window_.subspan(static_cast<std::size_t>(extent.begin - window_at_),
                         static_cast<std::size_t>(extent.end - extent.begin));
}

void WebmCutter::take_in(Bytes bytes) {
  if (held_.empty()) {
    window_ = bytes;
  } else {
    append(held_, bytes);
    window_ = held_;
  }
}

// Keeps what no part has taken yet: mostly the start of an unfinished element.
void WebmCutter::let_go() {
  const auto done = static_cast<std::ptrdiff_t>(part_begin_ - window_at_);
  if (held_.empty())
    held_.assign(window_.begin() + done, window_.end());
  else
    held_.erase(held_.begin(), held_.begin() + done);
  if (held_.capacity() > kKeptCapacity && held_.size() < kKeptCapacity / 2) held_.shrink_to_fit();
  window_at_ = part_begin_;
  window_ = held_;
}

// ---- feed, finish ----

Result<void> WebmCutter::feed(Bytes bytes) {
  if (error_) return tl::make_unexpected(*error_);
  const std::uint64_t dropped = std::min<std::uint64_t>(to_leave_out_, bytes.size());
  to_leave_out_ -= dropped;
  bytes = bytes.subspan(static_cast<std::size_t>(dropped));
  if (bytes.empty() && dropped > 0) return {};
  take_in(bytes);
  if (window_end() >= needed_) {
    RETURN_IF_ERROR(run());
    if (!in_header_ && !probing_) {
      if (!part_.must_wait()) flush_origin();
      regrouper_.flush();
    }
  }
  let_go();
  return {};
}

Result<void> WebmCutter::finish() {
  if (error_) return tl::make_unexpected(*error_);
  const bool nothing_came = window_end() == 0;
  if (nothing_came) return {};
  const std::uint64_t never_came = std::exchange(to_leave_out_, 0);
  left_out_ -= never_came;
  const auto end_all = [&]() -> Result<void> {
    const bool inside_element = at_ != window_end();
    if (in_header_ && (tracks_.end != 0 || !inside_element)) {
      RETURN_IF_ERROR(end_header("the stream ends before its Tracks"));
    }
    if (probing_) {
      end_probe();
      RETURN_IF_ERROR(advance());
    }
    if (at_ != window_end())
      return malformed(
          fmt::format("the stream ends inside an element, {} bytes into it", window_end() - at_));
    if (never_came > 0)
      return malformed(
          fmt::format("the stream ends inside an element, {} bytes before its end", never_came));
    return {};
  };
  const auto ended = end_all();
  if (!in_header_) {
    flush_origin();
    regrouper_.finish();
  }
  if (!ended) error_ = ended.error();
  return ended;
}

// advance(), and on an error first gives out what stands whole before it.
Result<void> WebmCutter::run() {
  auto advanced = advance();
  if (!advanced && probing_) {
    end_probe();
    advanced = advance();
  }
  if (!advanced) {
    error_ = advanced.error();
    if (!in_header_) {
      flush_origin();
      regrouper_.finish();
    }
  }
  return advanced;
}

// ---- elements ----

Result<void> WebmCutter::advance() {
  while (true) {
    ASSIGN_OR_RETURN(const auto stepped, step());
    if (!stepped) return {};
  }
}

// Takes one element, or one head of a Segment or Cluster. false = more bytes are needed.
Result<bool> WebmCutter::step() {
  RETURN_IF_ERROR(leave_what_ended());
  const Bytes rest = bytes_of({at_, window_end()});
  needed_ = window_end() + 1;
  if (rest.empty()) return false;
  if (level_ == Level::start && !std::equal(rest.begin(),
                                            rest.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                               rest.size(), sizeof kEbmlMagic)),
                                            kEbmlMagic))
    return malformed("the stream does not begin with an EBML header");
  const auto [state, head] = ebml::read_head(rest);
  if (state == ebml::HeadState::malformed) return malformed("no EBML element where one is due");
  if (state == ebml::HeadState::needs_more) return false;

  if (head.id == ebml::kEbmlHeader && level_ != Level::start) {
    if (probing_) {
      end_probe();
      return true;
    }
    RETURN_IF_ERROR(start_epoch());
  }
  if (level_ == Level::cluster && cluster_end_ == kEndless && ebml::is_top_level(head.id))
    leave_cluster();
  if (may_be_left_out(head)) {
    leave_out(head);
    return true;
  }
  RETURN_IF_ERROR(check_fits(head));

  const bool is_segment = head.id == ebml::kSegment && level_ == Level::document;
  const bool is_cluster = head.id == ebml::kCluster && level_ == Level::segment;
  if (is_segment || is_cluster) {
    RETURN_IF_ERROR(enter(head));
    return true;
  }
  const Extent extent{at_, at_ + head.total()};
  if (window_end() < extent.end) {
    needed_ = extent.end;
    return false;
  }
  RETURN_IF_ERROR(on_whole(head, extent));
  return true;
}

// Everything that a head alone can break, so that nothing is waited for in vain.
Result<void> WebmCutter::check_fits(const ebml::ElementHead& head) const {
  const bool may_be_endless = (head.id == ebml::kSegment && level_ == Level::document) ||
                              (head.id == ebml::kCluster && level_ == Level::segment);
  const bool may_be_here = level_ != Level::document || head.id == ebml::kVoid ||
                           head.id == ebml::kCrc32 || (may_be_endless && in_header_);
  if (!may_be_here || (head.id == ebml::kSegment && level_ != Level::document))
    return malformed(fmt::format("element 0x{:X} where it must not stand", head.id));
  if (!head.size_known()) {
    if (may_be_endless) return {};
    return malformed(
        fmt::format("an endless element, 0x{:X}: only a Segment and a Cluster may be", head.id));
  }
  const std::uint64_t end = at_ + head.total();
  if ((level_ == Level::cluster && end > cluster_end_) ||
      (level_ >= Level::segment && end > segment_end_))
    return malformed(fmt::format("element 0x{:X} is larger than what it stands in", head.id));
  if (may_be_endless) return {};
  if (in_header_ && end - epoch_begin_ > limits_.init_bytes)
    return fail(Errc::limit_exceeded,
                fmt::format("an init segment of {} bytes, limit {}", end - epoch_begin_,
                            limits_.init_bytes),
                at_ + left_out_);
  if (head.total() > limits_.element_bytes)
    return fail(Errc::limit_exceeded,
                fmt::format("an element of {} bytes (0x{:X}), limit {}", head.total(), head.id,
                            limits_.element_bytes),
                at_ + left_out_);
  return {};
}

// What no player of a live stream needs, and is too large to be kept: attachments, tags, cues.
bool WebmCutter::may_be_left_out(const ebml::ElementHead& head) const {
  if (level_ != Level::segment || !head.size_known() || at_ + head.total() > segment_end_)
    return false;
  if (head.id == ebml::kInfo || head.id == ebml::kTracks || head.id == ebml::kCluster ||
      !(ebml::is_top_level(head.id) || head.id == ebml::kVoid))
    return false;
  const std::uint64_t room = limits_.init_bytes - limits_.init_bytes / 8;  // Tracks may follow
  return head.total() > limits_.element_bytes ||
         (in_header_ && at_ + head.total() - epoch_begin_ > room);
}

// The element at at_ is dropped, as if it had not been published; so is what of it still comes.
void WebmCutter::leave_out(const ebml::ElementHead& head) {
  if (!std::exchange(noted_left_out_, true))
    sink_.on_note({"webm-element-left-out",
                   fmt::format("an element of {} bytes (0x{:X}: attachments, tags or the like) is "
                               "larger than an init segment may be, and is left out",
                               head.total(), head.id),
                   at_ + left_out_});
  const std::uint64_t there = std::min(head.total(), window_end() - at_);
  const auto from = static_cast<std::ptrdiff_t>(at_ - window_at_);
  if (held_.empty()) held_.assign(window_.begin(), window_.end());
  held_.erase(held_.begin() + from, held_.begin() + from + static_cast<std::ptrdiff_t>(there));
  window_ = held_;
  to_leave_out_ = head.total() - there;
  left_out_ += head.total();
  if (segment_end_ != kEndless) segment_end_ -= head.total();
}

// A Segment or Cluster: its children come one by one.
Result<void> WebmCutter::enter(const ebml::ElementHead& head) {
  const std::uint64_t end = head.size_known() ? at_ + head.total() : kEndless;
  if (head.id == ebml::kSegment) {
    level_ = Level::segment;
    segment_end_ = end;
    at_ += head.head_bytes;
    return {};
  }
  if (in_header_) {
    RETURN_IF_ERROR(end_header("a Cluster before Tracks"));
  }
  level_ = Level::cluster;
  cluster_end_ = end;
  cluster_ticks_.reset();
  if (!probing_) {
    flush_origin();
    part_.lone_cluster = true;
    part_.group_start = !seen_cluster_ || main_video_ == 0;
    part_.undecided = !part_.group_start;
    seen_cluster_ = true;
  }
  at_ += head.head_bytes;
  if (probing_ && at_ - epoch_begin_ >= kProbeBytes) end_probe();
  return {};
}

Result<void> WebmCutter::on_whole(const ebml::ElementHead& head, Extent extent) {
  if (in_header_) {
    RETURN_IF_ERROR(on_header_element(head, extent));
    at_ = extent.end;
    return {};
  }
  const bool was_probing = probing_;
  const Bytes element = bytes_of(extent);
  if (level_ == Level::cluster) {
    Result<void> taken;
    if (head.id == ebml::kTimestamp)
      taken = on_timestamp(element.subspan(head.head_bytes));
    else if (head.id == ebml::kSimpleBlock || head.id == ebml::kBlockGroup)
      taken = on_block(head, element);
    if (!taken) return taken;
  }
  if (probing_ && extent.end - epoch_begin_ >= kProbeBytes) end_probe();
  if (was_probing && !probing_) return {};  // at_ is at the first Cluster again
  end_element(extent.end);
  return {};
}

Result<void> WebmCutter::on_header_element(const ebml::ElementHead& head, Extent extent) {
  if (head.id == ebml::kEbmlHeader) {
    ebml_ = extent;
    level_ = Level::document;
    return {};
  }
  if (head.id != ebml::kInfo && head.id != ebml::kTracks) return {};
  Extent& slot = head.id == ebml::kInfo ? info_ : tracks_;
  if (slot.end != 0)
    return malformed(head.id == ebml::kInfo ? "a second Info element" : "a second Tracks element");
  slot = extent;
  return {};
}

Result<void> WebmCutter::on_timestamp(Bytes data) {
  const auto ticks = ebml::read_uint(data);
  if (!ticks || *ticks > time_.largest()) return malformed("a Cluster's Timestamp is out of range");
  if (cluster_ticks_) return malformed("a second Timestamp in a Cluster");
  cluster_ticks_ = static_cast<std::int64_t>(*ticks);
  if (!probing_) last_ticks_ = *cluster_ticks_;
  return {};
}

Result<void> WebmCutter::on_block(const ebml::ElementHead& head, Bytes element) {
  const auto block = read_block(head, element);
  if (!block) return malformed("a malformed block");
  if (!cluster_ticks_) return malformed("a block before its Cluster's Timestamp");
  const std::int64_t ticks = *cluster_ticks_ + block->relative;
  if (probing_) {
    probe(*block, ticks, at_ + element.size());
    return {};
  }
  const bool main_video = main_video_ != 0 && block->track == main_video_;
  const std::int64_t frame_ns = block->lacing == Lacing::none ? 0 : frame_duration(*block);
  regrouper_.add(*block, element, ticks, main_video, frame_ns);
  last_ticks_ = ticks;
  part_.lone_cluster = false;
  if (!part_.first_ticks) part_.first_ticks = ticks;
  if (part_.undecided && main_video) {
    part_.undecided = false;
    part_.group_start = block->keyframe;
  } else if (part_.undecided && ticks - *part_.first_ticks >= time_.seconds(1)) {
    part_.undecided = false;
  }
  return {};
}

// Of a laced block's frames, nanoseconds.
std::int64_t WebmCutter::frame_duration(const WebmBlock& block) {
  const WebmTrack* track = header_.find(block.track);
  if (track && track->frame_ns > 0) return track->frame_ns;
  const auto frames = unlace(block.lacing, block.frame);
  if (!frames) return 0;
  if (track && track->codec_id == "A_OPUS") return opus_frame_ns(frames->front());
  const auto count = static_cast<std::int64_t>(frames->size());
  return block.ticks ? time_.to_ns(*block.ticks) / count : 0;
}

}  // namespace webm_cutting

std::unique_ptr<Cutter> make_webm_cutter(const CutterOptions& options, PartSink& sink) {
  return std::make_unique<webm_cutting::WebmCutter>(options, sink);
}

}  // namespace framewire
