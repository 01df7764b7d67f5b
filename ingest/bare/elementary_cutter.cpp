#include "ingest/bare/elementary_cutter.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "ingest/base/try.h"
#include "ingest/codecs/access_units.h"
#include "ingest/codecs/h264_sps.h"
#include "ingest/codecs/picture_order.h"
#include "ingest/codecs/sound_frame.h"
#include "ingest/mpegts/mpegts_cutter.h"
#include "ingest/mpegts/ts_writer.h"

namespace framewire {
namespace {

constexpr double kDefaultFps = 25;
constexpr std::int64_t kClock = 90'000;
constexpr std::int64_t kFirst = kClock;  // the first time, so that a PCR before it is none below 0
constexpr std::int64_t kTablesEvery = kClock / 2;

std::uint8_t stream_type(Format format) {
  switch (format) {
    case Format::h264:
      return 0x1b;
    case Format::hevc:
      return 0x24;
    case Format::aac:
      return 0x0f;
    default:
      return 0x03;
  }
}

// What both share: bytes held until a unit is whole, the transport stream and its cutter.
class ElementaryCutter : public Cutter {
 public:
  ElementaryCutter(Format format, const CutterOptions& options, PartSink& sink, bool video)
      : format_(format),
        limits_(options.limits),
        sink_(sink),
        writer_(stream_type(format), video),
        inner_(make_mpegts_cutter(options, sink)) {}

  Result<void> feed(Bytes bytes) final {
    if (error_) return tl::make_unexpected(*error_);
    append(held_, bytes);
    return settle(cut(false));
  }
  Result<void> finish() final {
    if (error_) return tl::make_unexpected(*error_);
    RETURN_IF_ERROR(settle(cut(true)));
    return inner_->finish();
  }

 protected:
  // Takes whole units from rest().
  virtual Result<void> cut(bool at_end) = 0;

  Bytes rest() const { return Bytes{held_}.subspan(used_); }
  void take(std::size_t bytes) { used_ += bytes; }
  std::uint64_t offset() const { return offset_ + used_; }
  Format format() const { return format_; }
  // Before anything was put.
  void set_format(Format format) {
    format_ = format;
    writer_ = ts::Writer(stream_type(format), false);
  }
  const Limits& limits() const { return limits_; }
  void note(bool& noted, std::string code, std::string what) {
    if (!std::exchange(noted, true)) sink_.on_note({std::move(code), std::move(what), offset()});
  }

  // The first `bytes` of rest() are a unit.
  Result<void> put(std::size_t bytes, std::int64_t pts, std::int64_t dts, bool random_access) {
    made_.clear();
    if (!tables_at_ || random_access || dts - *tables_at_ >= kTablesEvery) {
      writer_.tables(made_);
      tables_at_ = dts;
    }
    writer_.access_unit(made_, rest().first(bytes), kFirst + pts, kFirst + dts, random_access);
    take(bytes);
    return inner_->feed(made_);
  }

 private:
  Result<void> settle(Result<void> done) {
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(used_));
    offset_ += std::exchange(used_, 0);
    if (!done) error_ = done.error();
    return done;
  }

  Format format_;
  const Limits limits_;
  PartSink& sink_;
  ts::Writer writer_;
  std::unique_ptr<Cutter> inner_;
  Buffer held_;
  Buffer made_;
  std::size_t used_ = 0;  // of held_
  std::uint64_t offset_ = 0;
  std::optional<std::int64_t> tables_at_;
  std::optional<Error> error_;
};

class VideoCutter final : public ElementaryCutter {
 public:
  VideoCutter(Format format, const CutterOptions& options, PartSink& sink)
      : ElementaryCutter(format, options, sink, true),
        units_(format),
        order_(format == Format::h264 ? PictureOrder::Codec::h264 : PictureOrder::Codec::hevc, {}),
        fps_(options.fps) {}

 private:
  Result<void> cut(bool at_end) override {
    while (!rest().empty()) {
      std::size_t bytes = units_.scan(rest());
      if (bytes == 0 && at_end) bytes = rest().size();
      if (bytes == 0 && rest().size() > limits().element_bytes)
        return fail(Errc::limit_exceeded,
                    fmt::format("a picture of more than {} bytes", limits().element_bytes),
                    offset());
      if (bytes == 0) return {};
      const bool random_access = units_.keyframe();
      if (fps_ == 0) learn_rate(rest().first(bytes));
      const std::int64_t decoded = pictures_;
      std::int64_t shown = decoded;
      if (units_.has_picture()) {
        shown = place(rest().first(bytes));
        ++pictures_;
      }
      RETURN_IF_ERROR(put(bytes, time_of(shown), time_of(decoded), random_access));
      units_.reset();
    }
    return {};
  }

  std::int64_t time_of(std::int64_t pictures) const {
    return static_cast<std::int64_t>(static_cast<double>(pictures) * kClock / fps_);
  }

  // How many pictures are shown before this one.
  std::int64_t place(Bytes unit) {
    const auto order = order_.next(unit);
    reorders_ = reorders_ || order_.reorder_told() || units_.bidirectional();
    const std::int64_t later = reorders_ ? order_.reorder() : 0;
    if (!order) {
      if (units_.bidirectional()) note_order();
      return pictures_ + later;
    }
    if (later == 0) return pictures_;
    const std::int64_t place = *order / order_.step();
    const bool known = first_ && order_.step() == step_;
    const std::int64_t ahead = known ? place + *first_ - pictures_ : 0;
    if (known && ahead >= 0 && ahead <= later + kMostAhead) return pictures_ + ahead;
    if (known) note_order();
    step_ = order_.step();
    first_ = pictures_ + later - place;
    return pictures_ + later;
  }
  void note_order() {
    note(order_noted_, "raw-video-order",
         "raw video whose pictures do not tell the order in which they are shown: publish it in a "
         "container (ffmpeg -f h264 -i ... -c copy -f mpegts)");
  }

  // By the timing in an H.264 parameter set, if there is one.
  void learn_rate(Bytes unit) {
    for (std::size_t at = 0; format() == Format::h264 && at + 4 < unit.size(); ++at) {
      if (unit[at] != std::byte{0} || unit[at + 1] != std::byte{0} ||
          unit[at + 2] != std::byte{1} || (unit[at + 3] & std::byte{0x1f}) != std::byte{7})
        continue;
      const auto sps = read_h264_sps(unit.subspan(at + 3));
      if (sps && sps->frame_us > 0) fps_ = 1e6 / static_cast<double>(sps->frame_us);
      break;
    }
    if (fps_ > 0) return;
    fps_ = kDefaultFps;
    note(rate_noted_, "raw-video-rate",
         fmt::format("raw video that says no rate: shown at {} pictures a second; ?fps= says "
                     "another",
                     kDefaultFps));
  }

  static constexpr std::int64_t kMostAhead = 32;  // pictures that are decoded later, shown earlier

  AccessUnits units_;
  PictureOrder order_;
  double fps_;  // 0: not known yet
  std::int64_t pictures_ = 0;
  bool reorders_ = false;
  std::optional<std::int64_t> first_;  // the place that the number 0 has
  std::int64_t step_ = 0;
  bool rate_noted_ = false;
  bool order_noted_ = false;
};

class SoundCutter final : public ElementaryCutter {
 public:
  SoundCutter(Format format, const CutterOptions& options, PartSink& sink)
      : ElementaryCutter(format, options, sink, false) {}

 private:
  Result<void> cut(bool at_end) override {
    while (true) {
      const std::size_t gone = std::min(to_skip_, rest().size());
      take(gone);
      to_skip_ -= gone;
      if (rest().size() < std::max(kSoundFrameHead, kId3Head) && !at_end) return {};
      if (rest().size() < kSoundFrameHead) return {};
      if (to_skip_ = id3_bytes(rest()); to_skip_ > 0) {
        behind_tag_ = rate_ == 0;
        continue;
      }
      // A tag as large as a picture in it hides what follows from who names the format.
      if (std::exchange(behind_tag_, false) && read_sound_frame(Format::aac, rest()))
        set_format(Format::aac);
      const auto frame = read_sound_frame(format(), rest());
      if (!frame) {
        RETURN_IF_ERROR(skip_junk());
        continue;
      }
      if (rest().size() < frame->bytes) return {};
      if (junk_ > 0) {
        // What looks like a head among other bytes need be none: another one follows a frame.
        if (rest().size() < frame->bytes + kSoundFrameHead && !at_end) return {};
        if (!goes_on(*frame)) {
          RETURN_IF_ERROR(skip_junk());
          continue;
        }
      }
      junk_ = 0;
      if (frame->sample_rate != rate_) {
        base_ = time();
        samples_ = 0;
        rate_ = frame->sample_rate;
      }
      const std::int64_t pts = time();
      samples_ += frame->samples;
      RETURN_IF_ERROR(put(frame->bytes, pts, pts, false));
    }
  }

  // Another frame of the same rate stands where this one ends, or the stream ends there.
  bool goes_on(const SoundFrame& frame) const {
    const Bytes behind = rest().subspan(frame.bytes);
    if (behind.size() < kSoundFrameHead) return behind.empty();
    const auto next = read_sound_frame(format(), behind);
    return next && next->sample_rate == frame.sample_rate;
  }
  std::int64_t time() const { return rate_ == 0 ? 0 : base_ + samples_ * kClock / rate_; }

  Result<void> skip_junk() {
    note(junk_noted_, "sound-junk", "bytes that belong to no frame of sound: they are left out");
    take(1);
    if (++junk_ <= limits().junk_bytes) return {};
    return fail(Errc::malformed_media,
                fmt::format("no frame of {} in {} bytes", to_string(format()), junk_), offset());
  }

  std::size_t to_skip_ = 0;  // of an ID3 tag
  bool behind_tag_ = false;  // and before the first frame
  std::size_t junk_ = 0;     // bytes since the last frame
  std::uint32_t rate_ = 0;
  std::int64_t base_ = 0;  // 90 kHz, where this rate began
  std::int64_t samples_ = 0;
  bool junk_noted_ = false;
};

}  // namespace

std::unique_ptr<Cutter> make_elementary_cutter(Format format, const CutterOptions& options,
                                               PartSink& sink) {
  if (format == Format::h264 || format == Format::hevc)
    return std::make_unique<VideoCutter>(format, options, sink);
  return std::make_unique<SoundCutter>(format, options, sink);
}

}  // namespace framewire
