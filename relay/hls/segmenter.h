// MP4 fragments in, HLS segments and partial segments out: where each begins, how long it is, which
// are listed and which are kept. How the fragments come (one per packet, one per group) does not
// matter. Sans-I/O: no socket, no clock, no thread.
//
//   kept, not listed | listed                          | open
//   [seg 7] [seg 8]  | [seg 9] [seg 10] [seg 11]       | [part 0] [part 1] (fragments)
//                      ^ first_listed()                  ^ next_msn(), next_part() == 2
//
// A segment ends at the first group start after Rules::segment_us; in the middle of a group only
// where a longer one would break the playlist's target duration. Partial segments are runs of whole
// fragments; their target is chosen once, when the first segment is complete, so that each of them
// can be within 85% and 100% of it.
// Where pictures come densely they lead: a part begins with one, and lasts until the one that the
// next part begins with; sound goes behind the picture it came before. So the sum of the durations
// is the decode time of each part's first sample; but parts in the middle of a group are said to
// begin kSaidLate later, within 0.3 ms. That is for shaka-player 5.2: it sets its buffer's offset
// anew where a part's first decode time and the sum of the durations before it differ by a
// millisecond from how they did, upon which Chromium drops pictures up to a keyframe, and its
// measure is a millisecond too high itself, so that a rounding error decides. With this the first
// part of a group decides, which loses nothing.
// Times: microseconds of decode time. Source: RFC 8216bis (draft-pantos-hls-rfc8216bis), sections
// 4.4 and 6.2.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"
#include "ingest/cut/cutter.h"
#include "ingest/mp4/mp4_boxes.h"
#include "relay/hls/receipt_clock.h"

namespace framewire::relay::hls {

struct Rules {
  std::int64_t segment_us = 2'000'000;
  std::int64_t part_us = 200'000;
  std::int64_t window_us = 30'000'000;  // what is listed
  std::size_t bytes = 64u << 20;        // what is kept
  std::uint32_t max_tracks = 8;
};

using SharedBytes = std::shared_ptr<const Buffer>;

struct Init {
  std::uint64_t number = 0;  // in its name; never used again
  EpochInfo info;
  SharedBytes bytes;
};

struct PartialSegment {
  SharedBytes bytes;
  std::int64_t duration_us = 0;
  bool independent = false;  // a keyframe is in it
};

struct Segment {
  std::uint64_t msn = 0;  // Media Sequence Number
  std::shared_ptr<const Init> init;
  std::vector<PartialSegment> parts;  // end to end they are the segment
  std::int64_t duration_us = 0;       // once it is complete
  std::int64_t start_us = 0;
  std::int64_t wall_us = 0;  // when its first sample was received, since 1970; 0 = not dated yet
  std::uint64_t discontinuity_sequence = 0;
  bool discontinuity = false;  // what comes before it does not go on in it
  std::size_t bytes = 0;
  std::uint64_t pictures = 0;
};

class Segmenter {
 public:
  // first_msn: higher than any that clients were told of this stream.
  Segmenter(const Rules& rules, std::uint64_t first_msn);

  // After an error nothing is taken until the next epoch.
  Result<void> begin_epoch(const EpochInfo& info, Bytes init);
  // wall_us: when the server received it, since 1970, unless the fragments say so themselves
  // (producer_time.h), as those do that were made of what came before.
  Result<void> feed(Bytes fragment, std::int64_t wall_us);
  // Fragments were left out; the next ones begin with a group.
  void gap();
  // No more will come, until another epoch begins.
  void end();
  // Gives each segment that has none its date: before a playlist tells of them, and not sooner,
  // since what came late tells nothing (receipt_clock.h). A date that was given stays.
  void date_segments();

  // A playlist can be given: it has a segment.
  bool ready() const { return next_msn_ > first_listed_; }
  bool ended() const { return ended_; }
  // What is there, the open segment (the one with next_msn()) last.
  const std::deque<Segment>& segments() const { return segments_; }
  bool complete(const Segment& segment) const { return segment.msn < next_msn_; }
  std::uint64_t first_listed() const { return first_listed_; }
  // What the next complete segment, and the next part, will be.
  std::uint64_t next_msn() const { return next_msn_; }
  std::size_t next_part() const { return open_ ? segments_.back().parts.size() : 0; }
  // The part that comes next, as far as can be told: the first one of the segment after the open
  // one when that is as long as its groups make it.
  struct Place {
    std::uint64_t msn = 0;
    std::size_t part = 0;
    bool operator==(const Place&) const = default;
  };
  Place next_place() const;

  // nullptr: not there, or no more.
  const Segment* find(std::uint64_t msn) const;  // complete ones
  const PartialSegment* find_part(std::uint64_t msn, std::size_t part) const;
  std::shared_ptr<const Init> find_init(std::uint64_t number) const;
  // Of a segment that is there.
  const Init& init_of(std::uint64_t msn) const {
    return *segments_[msn - segments_.front().msn].init;
  }
  // Likewise: what comes before it does not go on in it.
  bool is_discontinuous(std::uint64_t msn) const {
    return segments_[msn - segments_.front().msn].discontinuity;
  }
  // What the next segment will be decoded with; null before the first epoch.
  const std::shared_ptr<const Init>& init() const { return init_; }

  std::int64_t target_duration_us() const { return target_us_; }  // whole seconds
  // A part may be said to be longer than it is.
  std::int64_t part_target_us() const { return part_target_us_ > 0 ? part_target_us_ + 1000 : 0; }
  std::int64_t window_us() const { return window_us_; }
  std::size_t bytes() const { return bytes_; }
  // Counts up with each change that a playlist shows.
  std::uint64_t version() const { return version_; }

 private:
  static constexpr std::int64_t kSaidLate = 700;
  struct TrackEnd {
    std::uint32_t id = 0;
    std::int64_t end_us = 0;
    std::int64_t step_us = 0;  // of the newest fragment
    bool picture = false;
  };
  struct Span {  // of one fragment
    std::int64_t start_us = 0;
    std::int64_t end_us = 0;
    bool group_start = false;
    std::uint64_t pictures = 0;
    std::int64_t pictures_us = 0;  // how long they are shown
  };
  using Times = std::vector<mp4::TrackTimes>;
  Result<Span> span_of(const Times& times) const;
  using Ends = std::vector<TrackEnd>;
  static void note(const Times& times, Ends& ends);
  std::int64_t enough_us() const;
  bool picture_is_due() const;
  bool group_is_due(std::int64_t at_us) const;
  std::int64_t due_us(const Ends& ends, std::int64_t position_us) const;
  void judge_lead(const Span& span, std::size_t size);
  bool is_full(std::size_t size) const;
  void advance(Span& span);
  void count(Bytes fragment);
  tl::unexpected<Error> broken(const Error& error);
  std::int64_t expected_us() const { return due_us(ends_, position_us_); }
  bool is_hole(const Span& span) const;
  bool ends_segment(const Span& span, std::size_t size) const;
  void open_segment(const Span& span);
  // What follows goes on in a group, or begins one.
  enum class Next : std::uint8_t { goes_on, begins };
  void close_segment(std::int64_t end_us, Next next);
  void close_part(std::int64_t end_us, Next next);
  bool outgrows_part(const Times& times, const Span& span) const;
  void cut_part();
  void choose_part_target();
  void cut_first_segment(std::int64_t end_us);
  void break_off();
  void evict();

  const Rules rules_;
  const std::int64_t target_us_;
  const std::int64_t window_us_;
  std::int64_t part_target_us_ = 0;  // 0 = not chosen yet

  std::shared_ptr<const Init> init_;
  mp4::Movie movie_;
  bool wants_group_ = true;
  bool discontinuity_ = false;  // before the next segment

  std::deque<Segment> segments_;
  std::uint64_t first_listed_;
  std::uint64_t next_msn_;
  std::uint64_t next_init_;
  std::uint64_t discontinuities_ = 0;  // small: players make arrays of as many
  bool open_ = false;                  // segments_.back() is
  bool ended_ = false;
  std::size_t bytes_ = 0;
  std::uint64_t version_ = 0;

  // Of the open segment.
  std::int64_t segment_start_us_ = 0;
  bool began_in_group_ = false;
  // Where the newest group began, and how long the one before was; -1 = not known.
  std::int64_t group_us_ = -1;
  std::int64_t group_length_us_ = -1;
  // Of the open part.
  Buffer part_;
  std::int64_t part_start_us_ = 0;
  bool part_independent_ = false;
  // Sound that waits for the picture that the next part begins with.
  Buffer aside_;
  // The fragments in it, until the part target is chosen.
  struct Mark {
    std::size_t from = 0;
    std::int64_t position_us = 0;
    bool independent = false;
    bool picture = false;
  };
  std::vector<Mark> marks_;
  // Where the newest fragment began, and what was seen since the epoch began.
  std::int64_t position_us_ = 0;
  std::int64_t largest_step_us_ = 0;
  // Of pictures alone: the newest, -1 = none, and the longest way to the next one.
  std::int64_t picture_us_ = -1;
  std::int64_t picture_step_us_ = 0;
  bool pictures_lead_ = false;
  int in_time_ = 0;  // fragments, one after the other, that came where they were due
  Ends ends_;
  ReceiptClock received_;  // of this timeline
  std::int64_t told_wall_us_ = 0;
};

}  // namespace framewire::relay::hls
