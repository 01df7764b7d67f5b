#include "relay/record/recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <string_view>
#include <utility>

namespace framewire::relay {
namespace {

// avc1 of "avc1.64001F"; what is in MP4's own kind of sound is told by the number behind it.
std::string_view family_of(std::string_view codec) {
  const std::size_t first = codec.find('.');
  return codec.substr(0, codec.starts_with("mp4a.") ? codec.find('.', first + 1) : first);
}

const TrackInfo* first_of(TrackKind kind, const EpochInfo& info) {
  const auto found = std::find_if(info.tracks.begin(), info.tracks.end(),
                                  [&](const TrackInfo& track) { return track.kind == kind; });
  return found == info.tracks.end() || found->codec.empty() ? nullptr : &*found;
}

bool changes_codec(const EpochInfo& from, const EpochInfo& to) {
  for (const TrackKind kind : {TrackKind::video, TrackKind::audio}) {
    const TrackInfo* before = first_of(kind, from);
    const TrackInfo* after = first_of(kind, to);
    if (before && after && family_of(before->codec) != family_of(after->codec)) return true;
  }
  return false;
}

constexpr unsigned kNamesTried = 1'000;

}  // namespace

void Recording::turn() {
  if (over_) return;
  const RecordFeed::Batch batch = feed_->take();
  if (batch.publisher.number != 0) publisher_ = batch.publisher;
  title_ = batch.title;
  if (batch.dropped > 0) delegate_.on_dropped(batch.dropped);
  for (const RingEntry& entry : batch.entries) {
    if (over_) return;
    take(entry);
  }
  if (!batch.refused.empty())
    delegate_.on_fault(
        feed_->stream(),
        {RecordFault::unsupported_format,
         fmt::format("{} is not recorded as a film: {}", feed_->stream(), batch.refused)},
        publisher_);
  write_out();
  if (!over_ && file_ && file_->sync_error() != 0)
    fault(disk_error(file_->sync_error(), "syncing", file_->path()));
  if (batch.closed) finish();
}

void Recording::finish() {
  if (std::exchange(over_, true)) return;
  feed_->fail();
  end_file();
}

std::optional<RecordingInfo> Recording::now() const {
  if (!file_) return std::nullopt;
  RecordingInfo out = info_;
  out.bytes = file_->bytes();
  return out;
}

void Recording::take(const RingEntry& entry) {
  if (!entry.part) {  // a gap: what follows is a film of its own
    end_file();
    delegate_.on_fault(feed_->stream(),
                       {RecordFault::disk_too_slow,
                        fmt::format("the disk is too slow for {}: parts were left out of its "
                                    "recording, which goes on in the next file",
                                    feed_->stream())},
                       publisher_);
    return;
  }
  const PartFacts& facts = entry.part->facts();
  if (file_ && entry.epoch != epoch_) change_epoch(entry);
  if (file_ && facts.group_start && long_enough(facts)) end_file();
  if (!file_) {
    if (!facts.group_start && !(facts.init && !facts.joiners_only)) return;
    begin_file(entry);
    if (!file_) return;
    init_bytes_ = entry.epoch->init ? entry.epoch->init->payload().size() : 0;
    if (!facts.init && entry.epoch->init) queued_.push_back(entry.epoch->init->payload());
  } else if (facts.joiners_only) {
    return;
  }
  if (!facts.init && !first_pts_us_) {
    first_pts_us_ = facts.pts_us;
    first_received_ = facts.received;
  }
  queued_.push_back(entry.part->payload());
  queued_bytes_ += entry.part->payload().size();
}

// The same bytes go on when the init segment is ours (joiners_only), and formats such as MPEG-TS
// hold any number of them. But no reader of files looks for another codec in a track.
void Recording::change_epoch(const RingEntry& entry) {
  const EpochPtr before = std::exchange(epoch_, entry.epoch);
  if (changes_codec(before->info, entry.epoch->info)) return end_file();
  if (entry.part->facts().joiners_only) return;
  if (kind_->spans_epochs && file_kind_for(entry.epoch->info) == kind_) return;
  end_file();
}

bool Recording::long_enough(const PartFacts& facts) const {
  if (!first_pts_us_) return false;
  if (config_.record_segment_bytes > 0 &&
      file_->bytes() + queued_bytes_ >= config_.record_segment_bytes)
    return true;
  if (config_.record_segment_time.count() == 0) return false;
  // Pictures may have no times of their own.
  const std::chrono::microseconds media{facts.pts_us - *first_pts_us_};
  const std::chrono::microseconds clock =
      std::chrono::duration_cast<std::chrono::microseconds>(facts.received - first_received_);
  return std::max(media, clock) >= config_.record_segment_time;
}

void Recording::begin_file(const RingEntry& entry) {
  const FileKind* kind = file_kind_for(entry.epoch->info);
  if (!kind) {
    if (!std::exchange(told_unsupported_, true))
      delegate_.on_fault(
          feed_->stream(),
          {RecordFault::unsupported_format,
           fmt::format("{} is {}, which is not recorded: publish WebM, MP4, MPEG-TS, "
                       "FLV, Ogg or pictures",
                       feed_->stream(), to_string(entry.epoch->info.format))},
          publisher_);
    return;
  }
  const std::int64_t began_us = entry.part->facts().received_wall_us;
  const auto name = expand_name(config_.record_name, feed_->stream(),
                                static_cast<std::time_t>(began_us / 1'000'000));
  if (!name) {
    fault({RecordFault::disk_unwritable, name.error().what});
    return;
  }
  int error = EEXIST;
  for (unsigned n = 1; n <= kNamesTried && error == EEXIST; ++n) {
    info_ = {};
    info_.id = numbered_id(*name, n, *kind);
    auto file = PartFile::create(config_.record_dir, info_.id);
    error = file ? 0 : file.error();
    if (file) file_ = std::move(*file);
  }
  if (error != 0) {
    fault(disk_error(error, "making", part_path(config_.record_dir, info_.id)));
    return;
  }
  kind_ = kind;
  epoch_ = entry.epoch;
  first_pts_us_.reset();
  info_.stream = feed_->stream();
  info_.title = title_;
  info_.began_ms = began_us / 1000;
  delegate_.on_file_begun(info_, file_);
}

void Recording::end_file() {
  write_out();
  if (!file_) return;
  const bool empty = file_->bytes() <= init_bytes_;
  info_.bytes = file_->bytes();
  info_.title = title_;  // it may have another one by now
  info_.state = RecordingState::finalising;
  file_.reset();
  epoch_.reset();
  delegate_.on_file_ended(info_, empty, publisher_);
}

void Recording::write_out() {
  if (queued_.empty() || !file_) return;
  queued_bytes_ = 0;
  const std::uint64_t before = file_->bytes();
  const int error = file_->append(std::exchange(queued_, {}));
  delegate_.on_written(file_->bytes() - before);
  if (error != 0) fault(disk_error(error, "writing", file_->path()));
}

void Recording::fault(RecordError error) {
  queued_.clear();
  queued_bytes_ = 0;
  info_.error = error.what;
  delegate_.on_fault(feed_->stream(), error, publisher_);
  finish();
}

}  // namespace framewire::relay
