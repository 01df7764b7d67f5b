#include "relay/hls/segmenter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "relay/hls/producer_time.h"

namespace framewire::relay::hls {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
// A jump of the times by more than this is no picture that stood still: the timeline begins anew.
constexpr std::int64_t kHole = kSecond;
// Declared durations of parts and the times of their fragments are brought together beyond this.
constexpr std::int64_t kDrift = kSecond / 20;
// No fragment lasts longer, and no stream: what says so is broken.
constexpr std::int64_t kMost = 1'000'000'000 * kSecond;
// Dates go on as durations do within this much; else they follow the receipts by so much with each
// segment, or at once where they are farther off than kDateJump.
constexpr std::int64_t kDateSlack = kSecond / 50;
constexpr std::int64_t kDateStep = kSecond / 20;
constexpr std::int64_t kDateJump = 2 * kSecond;
// A part's duration is at least 85% of its target (section 4.4.4.9).
constexpr std::int64_t kLeastPercent = 85;
// Pictures lead with steps of at most so much, until the sound is so far ahead of the next one.
constexpr std::int64_t kDense = kSecond / 20;
constexpr std::int64_t kLate = kSecond / 10;
// Fragments that come within so much of where they were due, so many in a row: the next one will.
constexpr std::int64_t kInTime = 300;
constexpr int kSteady = 8;

constexpr std::int64_t round_up(std::int64_t value, std::int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

}  // namespace

Segmenter::Segmenter(const Rules& rules, std::uint64_t first_msn)
    : rules_(rules),
      target_us_(round_up(2 * rules.segment_us, kSecond)),
      window_us_(std::max(rules.window_us, 3 * target_us_)),
      first_listed_(first_msn),
      next_msn_(first_msn),
      next_init_(first_msn) {}

Result<void> Segmenter::begin_epoch(const EpochInfo& info, Bytes init) {
  break_off();
  init_.reset();
  auto movie = mp4::read_init(init, rules_.max_tracks);
  if (!movie) return tl::make_unexpected(movie.error());
  movie_ = *std::move(movie);
  next_init_ = std::max(next_init_, next_msn_);
  init_ = std::make_shared<const Init>(
      Init{next_init_++, info, std::make_shared<const Buffer>(init.begin(), init.end())});
  if (std::exchange(ended_, false)) first_listed_ = next_msn_;
  ++version_;
  return {};
}

Result<void> Segmenter::feed(Bytes fragment, std::int64_t wall_us) {
  if (!init_ || ended_) return {};
  const auto times = mp4::read_times(fragment, movie_);
  if (!times) return broken(times.error());
  if (times->empty()) return {};  // boxes without samples
  const auto measured = span_of(*times);
  if (!measured) return broken(measured.error());
  Span span = *measured;
  if (wants_group_ && !span.group_start) return {};
  if (is_hole(span)) break_off();
  wants_group_ = false;
  judge_lead(span, fragment.size());
  if (const auto told = producer_time_us(fragment)) told_wall_us_ = *told;
  received_.note(span.start_us, told_wall_us_ > 0 ? told_wall_us_ : wall_us);
  if (pictures_lead_ && span.pictures == 0) {
    note(*times, ends_);
    append(part_.empty() ? aside_ : part_, fragment);
    count(fragment);
    evict();
    return {};
  }
  advance(span);
  if (open_ && ends_segment(span, fragment.size()))
    close_segment(span.start_us, span.group_start ? Next::begins : Next::goes_on);
  if (!open_) open_segment(span);
  if (span.group_start) {
    group_length_us_ = group_us_ < 0 ? -1 : span.start_us - group_us_;
    group_us_ = span.start_us;
  }
  if (outgrows_part(*times, span)) close_part(span.start_us, Next::goes_on);

  if (part_.empty() && span.start_us > part_start_us_ + kDrift) part_start_us_ = span.start_us;
  if (part_target_us_ == 0)
    marks_.push_back({part_.size(), span.start_us, span.group_start, span.pictures > 0});
  append(part_, fragment);
  append(part_, std::exchange(aside_, {}));
  part_independent_ = part_independent_ || span.group_start;
  count(fragment);
  segments_.back().pictures += span.pictures;
  position_us_ = span.start_us;
  note(*times, ends_);
  cut_part();
  evict();
  return {};
}

void Segmenter::count(Bytes fragment) {
  segments_.back().bytes += fragment.size();
  bytes_ += fragment.size();
}

// Until the part target is chosen they lead as long as they seem to come densely. Sound that fills
// a segment by itself may end it.
void Segmenter::judge_lead(const Span& span, std::size_t size) {
  const bool led = pictures_lead_;
  if (span.pictures > 0) {
    const std::int64_t step =
        std::max(span.pictures_us, picture_us_ < 0 ? 0 : span.start_us - picture_us_);
    pictures_lead_ = part_target_us_ > 0 ? 4 * span.pictures_us <= part_target_us_ : step <= kDense;
  } else if (led) {
    pictures_lead_ = span.start_us <= expected_us() + kLate && !is_full(size);
  }
  if (!led || pictures_lead_) return;
  append(part_, std::exchange(aside_, {}));
  for (const TrackEnd& end : ends_) position_us_ = std::max(position_us_, end.end_us - end.step_us);
}

// Where the fragment lies in the segment's clock, which does not go back: tracks may cross by a
// packet.
void Segmenter::advance(Span& span) {
  if (span.pictures > 0) {
    if (picture_us_ >= 0)
      picture_step_us_ = std::max(picture_step_us_, span.start_us - picture_us_);
    picture_us_ = span.start_us;
  }
  if (ends_.empty()) return;
  in_time_ = std::abs(span.start_us - expected_us()) <= kInTime ? in_time_ + 1 : 0;
  span.start_us = std::max(span.start_us, position_us_);
  span.end_us = std::max(span.end_us, span.start_us);
  largest_step_us_ = std::max(largest_step_us_, span.start_us - position_us_);
}

tl::unexpected<Error> Segmenter::broken(const Error& error) {
  break_off();
  init_.reset();
  return tl::make_unexpected(error);
}

void Segmenter::gap() {
  break_off();
}

void Segmenter::end() {
  break_off();
  ended_ = true;
  ++version_;
}

// What comes next does not go on where this ended.
void Segmenter::break_off() {
  std::int64_t end_us = std::max(expected_us(), position_us_);
  if (!aside_.empty())
    for (const TrackEnd& end : ends_) end_us = std::max(end_us, end.end_us);
  append(part_, std::exchange(aside_, {}));
  if (open_) close_segment(end_us, Next::begins);
  date_segments();
  received_ = {};
  told_wall_us_ = 0;
  group_us_ = group_length_us_ = -1;
  discontinuity_ = !segments_.empty();
  wants_group_ = true;
  pictures_lead_ = false;
  picture_us_ = -1;
  in_time_ = 0;
  ends_.clear();
}

// ---- fragments

Result<Segmenter::Span> Segmenter::span_of(const Times& times) const {
  Span span;
  span.start_us = kMost;
  span.group_start = !movie_.has_video();
  for (const mp4::TrackTimes& track : times) {
    if (track.dts_us < 0 || track.dts_us >= kMost || track.duration_us >= kMost)
      return fail(Errc::malformed_media, fmt::format("a fragment at {} µs that lasts {} µs",
                                                     track.dts_us, track.duration_us));
    const bool is_video = track.track->info.kind == TrackKind::video;
    span.start_us = std::min(span.start_us, track.dts_us);
    span.end_us = std::max(span.end_us, track.dts_us + track.duration_us);
    span.group_start = span.group_start || (is_video && track.sync);
    if (!is_video) continue;
    span.pictures += track.samples;
    span.pictures_us = std::max(span.pictures_us, track.duration_us);
  }
  return span;
}

void Segmenter::note(const Times& times, Ends& ends) {
  for (const mp4::TrackTimes& track : times) {
    auto at = std::find_if(ends.begin(), ends.end(),
                           [&](const TrackEnd& end) { return end.id == track.track->id; });
    if (at == ends.end())
      at = ends.insert(ends.end(),
                       TrackEnd{track.track->id, 0, 0, track.track->info.kind == TrackKind::video});
    at->end_us = track.dts_us + track.duration_us;
    at->step_us =
        track.duration_us / static_cast<std::int64_t>(std::max<std::uint64_t>(track.samples, 1));
  }
}

// Where the next fragment is due, after one at position_us: the tracks come in the order of their
// times. One that is behind comes in bursts, or has ended.
std::int64_t Segmenter::due_us(const Ends& ends, std::int64_t position_us) const {
  std::int64_t next = kMost;
  for (const TrackEnd& end : ends)
    if ((end.picture || !pictures_lead_) && end.end_us >= position_us)
      next = std::min(next, end.end_us);
  return next == kMost ? position_us : next;
}

bool Segmenter::is_hole(const Span& span) const {
  if (ends_.empty()) return false;
  return span.start_us > expected_us() + kHole || span.start_us < position_us_ - kHole;
}

// ---- segments

// Groups of a second may be some milliseconds short of it. The first segment is short, for somebody
// waits.
std::int64_t Segmenter::enough_us() const {
  return next_msn_ == first_listed_ ? rules_.segment_us / 4 : rules_.segment_us / 10 * 9;
}

bool Segmenter::ends_segment(const Span& span, std::size_t size) const {
  const std::int64_t so_far = span.start_us - segment_start_us_;
  if (so_far <= 0) return is_full(size);
  if (span.group_start && (so_far >= enough_us() || began_in_group_)) return true;
  return span.end_us - segment_start_us_ > target_us_ - kSaidLate || is_full(size);
}

bool Segmenter::is_full(std::size_t size) const {
  return segments_.back().bytes + size > rules_.bytes / 2;
}

void Segmenter::open_segment(const Span& span) {
  open_ = true;
  segment_start_us_ = part_start_us_ = span.start_us;
  began_in_group_ = !span.group_start;
  Segment segment;
  segment.msn = next_msn_;
  segment.init = init_;
  segment.discontinuity = std::exchange(discontinuity_, false);
  if (segment.discontinuity) ++discontinuities_;
  segment.discontinuity_sequence = discontinuities_;
  segment.start_us = span.start_us;
  segments_.push_back(std::move(segment));
  ++version_;
}

void Segmenter::close_segment(std::int64_t end_us, Next next) {
  if (part_target_us_ == 0) cut_first_segment(end_us);
  if (!part_.empty()) close_part(end_us, next);
  const std::int64_t said_us =
      (next == Next::goes_on ? kSaidLate : 0) - (began_in_group_ ? kSaidLate : 0);
  segments_.back().duration_us = std::max<std::int64_t>(end_us - segment_start_us_ + said_us, 1000);
  open_ = false;
  ++next_msn_;
  ++version_;
  evict();
}

// Partial segments are cut between fragments. With steps of at most 15% of the target, one of 85%
// to 100% of it can always be cut; steps longer than that make a few of them the target.
void Segmenter::choose_part_target() {
  pictures_lead_ = picture_step_us_ > 0 && picture_step_us_ <= kDense;
  const std::int64_t step =
      std::max<std::int64_t>(pictures_lead_ ? picture_step_us_ : largest_step_us_, 1000);
  constexpr std::int64_t kSlow = kSecond * (100 - kLeastPercent) / 100;
  std::int64_t target = std::max(rules_.part_us, step * 100 / (100 - kLeastPercent));
  if (step > kSlow) target = round_up(kSecond, step) * 105 / 100;
  part_target_us_ = std::min(round_up(target, 1000), target_us_);
}

// The part target was not known while it was open. All but its last part.
void Segmenter::cut_first_segment(std::int64_t end_us) {
  choose_part_target();
  const Buffer whole = std::exchange(part_, {});
  std::vector<Mark> marks = std::exchange(marks_, {});
  if (pictures_lead_) std::erase_if(marks, [](const Mark& mark) { return !mark.picture; });
  part_independent_ = false;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    const bool last = i + 1 == marks.size();
    const std::int64_t next_us = last ? end_us : marks[i + 1].position_us;
    const std::size_t to = last ? whole.size() : marks[i + 1].from;
    if (!part_.empty() && next_us - part_start_us_ > part_target_us_)
      close_part(marks[i].position_us, Next::goes_on);
    append(part_, Bytes{whole}.subspan(marks[i].from, to - marks[i].from));
    part_independent_ = part_independent_ || marks[i].independent;
  }
}

void Segmenter::date_segments() {
  const Segment* before = nullptr;
  for (Segment& segment : segments_) {
    const bool goes_on = before && before->discontinuity_sequence == segment.discontinuity_sequence;
    if (segment.wall_us == 0) {
      segment.wall_us = received_.at(segment.start_us);
      if (goes_on) {
        const std::int64_t due = before->wall_us + segment.start_us - before->start_us;
        const std::int64_t off = segment.wall_us - due;
        if (std::abs(off) <= kDateSlack)
          segment.wall_us = due;
        else if (std::abs(off) < kDateJump)
          segment.wall_us = due + std::clamp(off, -kDateStep, kDateStep);
      }
    }
    before = &segment;
  }
}

// ---- what comes next

// Else a sound is: it goes into the open segment.
bool Segmenter::picture_is_due() const {
  const std::int64_t due = expected_us();
  return !movie_.has_video() || std::any_of(ends_.begin(), ends_.end(), [&](const TrackEnd& end) {
    return end.end_us == due && movie_.find(end.id)->info.kind == TrackKind::video;
  });
}

// The segment ends where the open part would begin: a group does there, if groups are alike, or it
// is as long as it may be.
bool Segmenter::group_is_due(std::int64_t at_us) const {
  const std::int64_t so_far = at_us - segment_start_us_;
  if (so_far + largest_step_us_ > target_us_) return true;
  return group_length_us_ > 0 && (so_far >= enough_us() || began_in_group_) && picture_is_due() &&
         std::abs(at_us - group_us_ - group_length_us_) <= largest_step_us_ / 2;
}

Segmenter::Place Segmenter::next_place() const {
  if (open_ && part_.empty() && next_part() > 0 && group_is_due(part_start_us_))
    return {next_msn_ + 1, 0};
  return {next_msn_, next_part()};
}

// ---- partial segments

// A fragment may come later than it was due: no part is longer than the target, for all that.
void Segmenter::close_part(std::int64_t end_us, Next next) {
  if (part_target_us_ > 0) end_us = std::min(end_us, part_start_us_ + part_target_us_);
  Segment& segment = segments_.back();
  const bool begins_group = segment.parts.empty() && !began_in_group_;
  const std::int64_t said_us =
      (next == Next::goes_on ? kSaidLate : 0) - (begins_group ? 0 : kSaidLate);
  PartialSegment part;
  part.bytes = std::make_shared<const Buffer>(std::exchange(part_, {}));
  part.duration_us = std::max<std::int64_t>(end_us - part_start_us_ + said_us, 1000);
  part.independent = std::exchange(part_independent_, false);
  segment.parts.push_back(std::move(part));
  part_start_us_ = std::max(end_us, part_start_us_);
  ++version_;
}

// With the fragment in it the part would go on to where the one after that is due.
bool Segmenter::outgrows_part(const Times& times, const Span& span) const {
  if (part_target_us_ == 0 || part_.empty()) return false;
  Ends ends = ends_;
  note(times, ends);
  return due_us(ends, span.start_us) - part_start_us_ > part_target_us_;
}

// As soon as the next fragment would be too much, without waiting for it where they come in time: a
// duration that was told stays.
void Segmenter::cut_part() {
  if (part_target_us_ == 0 || part_.empty() || in_time_ < kSteady) return;
  const std::int64_t next = expected_us();
  Ends ends = ends_;
  for (TrackEnd& end : ends)
    if (end.end_us == next && (end.picture || !pictures_lead_)) end.end_us += end.step_us;
  if (due_us(ends, next) - part_start_us_ > part_target_us_ && next > part_start_us_)
    close_part(next, group_is_due(next) ? Next::begins : Next::goes_on);
}

// ---- what is kept

// Listed: as much as the window. Kept: as long again, since clients may still ask for what they
// were told of (section 6.2.2). Memory comes first.
void Segmenter::evict() {
  std::int64_t listed = 0;
  std::int64_t kept = 0;
  for (const Segment& segment : segments_)
    (segment.msn < first_listed_ ? kept : listed) += segment.duration_us;
  const auto unlist = [&](const Segment& segment) {
    listed -= segment.duration_us;
    kept += segment.duration_us;
    first_listed_ = segment.msn + 1;
  };
  for (const Segment& segment : segments_) {
    if (segment.msn < first_listed_) continue;
    if (!complete(segment) || listed - segment.duration_us < window_us_) break;
    unlist(segment);
  }
  while (segments_.size() > 1 && complete(segments_.front()) &&
         (bytes_ > rules_.bytes || kept > window_us_ + target_us_)) {
    const Segment& oldest = segments_.front();
    if (oldest.msn >= first_listed_) unlist(oldest);
    kept -= oldest.duration_us;
    bytes_ -= oldest.bytes;
    segments_.pop_front();
    ++version_;
  }
}

// ---- look-up

const Segment* Segmenter::find(std::uint64_t msn) const {
  if (segments_.empty() || msn < segments_.front().msn || msn >= next_msn_) return nullptr;
  return &segments_[msn - segments_.front().msn];
}

const PartialSegment* Segmenter::find_part(std::uint64_t msn, std::size_t part) const {
  if (segments_.empty() || msn < segments_.front().msn || msn > segments_.back().msn)
    return nullptr;
  const Segment& segment = segments_[msn - segments_.front().msn];
  return part < segment.parts.size() ? &segment.parts[part] : nullptr;
}

std::shared_ptr<const Init> Segmenter::find_init(std::uint64_t number) const {
  if (init_ && init_->number == number) return init_;
  for (const Segment& segment : segments_)
    if (segment.init->number == number) return segment.init;
  return nullptr;
}

}  // namespace framewire::relay::hls
