#include "ingest/webm_cutter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ingest/webm_block.h"
#include "ingest/webm_ebml.h"
#include "ingest/webm_header.h"
#include "ingest/webm_regrouper.h"
#include "ingest/webm_time.h"

namespace framewire {
namespace {

constexpr std::uint64_t kEndless = ~std::uint64_t{0};
constexpr std::uint64_t kProbeBytes = 512u << 10;
constexpr std::int64_t kProbeSeconds = 3;
// Reading a header costs as much as cutting megabytes: a stream may have this many epochs, and one
// more for each so many bytes.
constexpr std::uint64_t kFreeEpochs = 64;
constexpr std::uint64_t kBytesPerEpoch = 8u << 10;
constexpr std::size_t kKeptCapacity = 1u << 20;  // what a large element took is given back
constexpr std::byte kEbmlMagic[] = {std::byte{0x1A}, std::byte{0x45}, std::byte{0xDF},
                                    std::byte{0xA3}};

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
    return fail(Errc::malformed_media, std::move(what), at_);
  }

  Limits limits_;
  PartSink& sink_;
  WebmRegrouper regrouper_;
  std::optional<Error> error_;

  Bytes window_;  // of held_, or of what feed() was given
  Buffer held_;
  std::uint64_t window_at_ = 0;
  std::uint64_t at_ = 0;      // of the next element
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
  take_in(bytes);
  if (window_end() >= needed_) {
    if (auto ran = run(); !ran) return ran;
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
  const auto end_all = [&]() -> Result<void> {
    const bool inside_element = at_ != window_end();
    if (in_header_ && (tracks_.end != 0 || !inside_element)) {
      if (auto ended = end_header("the stream ends before its Tracks"); !ended) return ended;
    }
    if (probing_) {
      end_probe();
      if (auto advanced = advance(); !advanced) return advanced;
    }
    if (at_ != window_end())
      return malformed(
          fmt::format("the stream ends inside an element, {} bytes into it", window_end() - at_));
    return {};
  };
  const auto ended = end_all();
  if (!in_header_) {
    flush_origin();
    regrouper_.flush();
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
      regrouper_.flush();
    }
  }
  return advanced;
}

// ---- elements ----

Result<void> WebmCutter::advance() {
  while (true) {
    const auto stepped = step();
    if (!stepped) return tl::make_unexpected(stepped.error());
    if (!*stepped) return {};
  }
}

// Takes one element, or one head of a Segment or Cluster. false = more bytes are needed.
Result<bool> WebmCutter::step() {
  if (auto left = leave_what_ended(); !left) return tl::make_unexpected(left.error());
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
    if (auto started = start_epoch(); !started) return tl::make_unexpected(started.error());
  }
  if (level_ == Level::cluster && cluster_end_ == kEndless && ebml::is_top_level(head.id))
    leave_cluster();
  if (auto fits = check_fits(head); !fits) return tl::make_unexpected(fits.error());

  const bool is_segment = head.id == ebml::kSegment && level_ == Level::document;
  const bool is_cluster = head.id == ebml::kCluster && level_ == Level::segment;
  if (is_segment || is_cluster) {
    if (auto entered = enter(head); !entered) return tl::make_unexpected(entered.error());
    return true;
  }
  const Extent extent{at_, at_ + head.total()};
  if (window_end() < extent.end) {
    needed_ = extent.end;
    return false;
  }
  if (auto taken = on_whole(head, extent); !taken) return tl::make_unexpected(taken.error());
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
                at_);
  if (head.total() > limits_.element_bytes)
    return fail(Errc::limit_exceeded,
                fmt::format("an element of {} bytes (0x{:X}), limit {}", head.total(), head.id,
                            limits_.element_bytes),
                at_);
  return {};
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
    if (auto ended = end_header("a Cluster before Tracks"); !ended) return ended;
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
    if (auto taken = on_header_element(head, extent); !taken) return taken;
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
  if (!time_.admit_cluster(static_cast<std::int64_t>(*ticks)))
    return malformed("a Cluster goes back in time by more than 10 s");
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
  if (!regrouper_.add(*block, element, ticks, main_video))
    return malformed("a block goes back in time by more than 10 s");
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

// ---- epochs ----

// at_ is at an EBML header; what stands before it ends, whatever sizes it declared.
Result<void> WebmCutter::start_epoch() {
  if (in_header_) {
    if (auto ended = end_header("another EBML header before Tracks"); !ended) return ended;
    if (probing_) end_probe();
  }
  flush_origin();
  regrouper_.flush();
  if (++epochs_ > kFreeEpochs + at_ / kBytesPerEpoch)
    return fail(Errc::limit_exceeded, fmt::format("{} EBML headers in {} bytes", epochs_, at_),
                at_);
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
  regrouper_.start_epoch(header_.regrouped_init, time_, main_video_ != 0);
  part_begin_ = body_begin_;
  part_ = {};
}

void WebmCutter::probe(const WebmBlock& block, std::int64_t ticks, std::uint64_t end) {
  if (!probe_ticks_) probe_ticks_ = ticks;
  WebmTrack* track = header_.find(block.track);
  if (track && track->needs_keyframe && block.keyframe) settle_codec(*track, block.frame);
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

}  // namespace

std::unique_ptr<Cutter> make_webm_cutter(const CutterOptions& options, PartSink& sink) {
  return std::make_unique<WebmCutter>(options, sink);
}

}  // namespace framewire
