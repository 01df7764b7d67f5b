#include "ingest/flv/flv_cutter.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "ingest/base/try.h"
#include "ingest/cut/cutter_base.h"
#include "ingest/flv/flv_tag.h"

namespace framewire {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kHeader = 9;
constexpr std::int64_t kAudioGroupMs = 1000;
// Of pictures, in which the first sound that the header promises is looked for: it is named by its
// first sample where its codec has no sequence header (MP3, Speex, A-law).
constexpr std::int64_t kSoundWithinMs = 300;

// What is known of audio or of video.
struct Track {
  std::optional<TrackInfo> info;
  std::uint32_t codec = 0;                  // its number
  std::optional<std::uint32_t> told_codec;  // when the epoch began; nullopt: none was known
  Buffer config;                            // the newest sequence header tag; empty: none came
  std::uint32_t config_codec = 0;
  bool configured = false;  // anew, since the epoch began

  bool changed() const { return info && (configured || codec != told_codec); }
  // A codec may have no sequence header, or that of the codec before.
  Bytes own_config() const { return config_codec == codec ? Bytes{config} : Bytes{}; }
};

class FlvCutter final : public CutterBase {
 public:
  FlvCutter(const CutterOptions& options, PartSink& sink) : CutterBase(options.limits, sink) {}

 private:
  Result<void> cut() override {
    if (!header_read_) {
      if (Result<void> read = read_header(); !read || !header_read_) return read;
    }
    while (rest().size() >= FlvTag::kHead) {
      const Result<std::size_t> size = flv_tag_size(rest());
      if (!size) return tl::make_unexpected(at_rest(size.error()));
      RETURN_IF_ERROR(check_size("an FLV tag", *size, limits().element_bytes));
      if (rest().size() < *size) return {};
      const FlvTag tag = read_flv_tag(rest().first(*size));
      if ((!started_ || restarted_) && awaits_sound(tag)) return {};
      restarted_ = restarted_ && !is_sample(tag);
      note_what_is_odd(tag);
      RETURN_IF_ERROR(on_tag(tag));
    }
    return {};
  }

  //  "FLV" version | 0:5 audio:1 0:1 video:1 | size of the header(4) | ... | PreviousTagSize0(4)
  Result<void> read_header() {
    const Bytes bytes = rest();
    const std::string_view magic = as_text(bytes.first(std::min<std::size_t>(bytes.size(), 4)));
    if (magic != "FLV\x01"sv.substr(0, magic.size()))
      return malformed("a stream that does not begin with an FLV header");
    if (bytes.size() < kHeader) return {};
    const auto size = load_be<std::uint32_t>(bytes, 5);
    if (size < kHeader) return malformed("an FLV header that is too short", 5);
    const std::uint64_t end = std::uint64_t{size} + FlvTag::kPreviousTagSize;
    RETURN_IF_ERROR(check_size("an FLV header", end, limits().init_bytes));
    if (bytes.size() < end) return {};
    header_.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(end));
    header_read_ = true;
    take(header_.size());
    return {};
  }

  void note_what_is_odd(const FlvTag& tag) {
    if (tag.wrong_size)
      note("flv-previous-tag-size",
           "an FLV PreviousTagSize that is not the size of its tag: it is passed over",
           rest_offset() + tag.bytes.size() - FlvTag::kPreviousTagSize);
    if (tag.kind == FlvTag::Kind::other)
      note("flv-tag-type",
           fmt::format("an FLV tag of type {}, which is not known here: it is passed over",
                       std::to_integer<unsigned>(tag.bytes[0])),
           rest_offset());
  }

  static bool is_sample(const FlvTag& tag) {
    const bool media = tag.kind == FlvTag::Kind::audio || tag.kind == FlvTag::Kind::video;
    return media && !tag.config && !tag.empty;
  }

  Result<void> on_tag(const FlvTag& tag) {
    if (!is_sample(tag)) {
      RETURN_IF_ERROR(keep_config(tag));
      if (started_) {
        take_media(tag.bytes.size(), false, tag.pts_ms * 1000);
        return {};
      }
      const std::size_t init = run().size() + tag.bytes.size();
      RETURN_IF_ERROR(check_size("FLV headers", init, limits().init_bytes));
      take(tag.bytes.size());
      return {};
    }
    learn(tag);
    if (!started_) {
      begin_epoch();
      CutPart init;
      init.init = true;
      emit_run(init);
      started_ = true;
    } else if (video_.changed() || (audio_.changed() && may_change_sound(tag))) {
      emit_run();
      begin_epoch();
      emit_joiners_init();
    }
    take_media(tag.bytes.size(), starts_group(tag), tag.pts_ms * 1000);
    return {};
  }

  Result<void> keep_config(const FlvTag& tag) {
    if (tag.kind == FlvTag::Kind::script) {
      restarted_ = started_;
      script_.assign(tag.bytes.begin(), tag.bytes.end());
    } else if (tag.config && tag.kind != FlvTag::Kind::other) {
      Track& track = tag.kind == FlvTag::Kind::video ? video_ : audio_;
      const Bytes known = track.config;
      if (known.size() > 0 && std::ranges::equal(configuration_of(known), tag.body())) {
        if (track.codec != track.config_codec) track.info = flv_track(tag);
        track.codec = track.config_codec;
        return {};
      }
      track.config.assign(tag.bytes.begin(), tag.bytes.end());
      track.info = flv_track(tag);
      track.codec = track.config_codec = flv_codec_number(tag);
      track.configured = true;
    }
    const std::size_t init =
        header_.size() + script_.size() + video_.config.size() + audio_.config.size();
    return check_size("FLV headers", init, limits().init_bytes);
  }
  static Bytes configuration_of(Bytes tag) {
    return tag.subspan(FlvTag::kHead, tag.size() - FlvTag::kHead - FlvTag::kPreviousTagSize);
  }

  // The first picture, or the first keyframe behind an encoder's new metadata, while more bytes may
  // name the sound: an epoch that begins without it would be over at the second keyframe.
  bool awaits_sound(const FlvTag& first) {
    const bool picture = first.kind == FlvTag::Kind::video && is_sample(first);
    const bool promised = (std::to_integer<unsigned>(header_[4]) & 4) != 0;
    const bool named = audio_.info && !(restarted_ && first.keyframe);
    const bool awaits = picture && (promised || restarted_) && !named && sound_is_to_come(first);
    if (!awaits) searched_ = 0;
    return awaits;
  }
  // Looks behind the tag; learns what the sound is if it has come.
  bool sound_is_to_come(const FlvTag& first) {
    for (std::size_t& at = searched_ = std::max(searched_, first.bytes.size());;) {
      if (at > limits().init_bytes) return false;
      if (rest().size() - at < FlvTag::kHead) return !at_end_;
      const Result<std::size_t> size = flv_tag_size(rest().subspan(at));
      if (!size || *size > limits().element_bytes) return false;
      if (rest().size() - at < *size) return !at_end_;
      const FlvTag tag = read_flv_tag(rest().subspan(at, *size));
      if (tag.kind == FlvTag::Kind::audio) {
        if (!tag.config && !tag.empty) learn(tag);
        return false;
      }
      const std::int64_t since_ms = tag.dts_ms - first.dts_ms;
      if (tag.kind == FlvTag::Kind::video && (since_ms < 0 || since_ms > kSoundWithinMs))
        return false;
      at += *size;
    }
  }

  // A codec without a sequence header is known by its first sample.
  void learn(const FlvTag& tag) {
    Track& track = tag.kind == FlvTag::Kind::video ? video_ : audio_;
    const std::uint32_t codec = flv_codec_number(tag);
    if (track.info && track.codec == codec) return;
    const bool picture = tag.kind == FlvTag::Kind::video;
    if (track.info && picture && !tag.keyframe) return;
    const bool known = track.config_codec == codec && !track.config.empty();
    track.info = flv_track(known ? read_flv_tag(track.config) : tag);
    track.codec = codec;
  }

  // In the middle of a group an epoch would cost its viewers the pictures up to the next keyframe.
  bool may_change_sound(const FlvTag& tag) const {
    return !video_.info || (tag.kind == FlvTag::Kind::video && tag.keyframe);
  }

  void begin_epoch() {
    EpochInfo info;
    info.format = Format::flv;
    for (Track* track : {&video_, &audio_}) {
      if (track->info) info.tracks.push_back(*track->info);
      track->configured = false;
      track->told_codec.reset();
      if (track->info) track->told_codec = track->codec;
    }
    std::string codecs;
    for (const TrackInfo& track : info.tracks) codecs += (codecs.empty() ? "" : ",") + track.codec;
    info.mime = fmt::format("video/x-flv; codecs=\"{}\"", codecs);
    sink().on_epoch(info);
    group_began_ms_.reset();
  }

  void emit_joiners_init() {
    Buffer init = header_;
    for (const Bytes tag : {Bytes{script_}, video_.own_config(), audio_.own_config()})
      append(init, tag);
    CutPart part;
    part.init = true;
    part.joiners_only = true;
    part.payload = init;
    sink().on_part(Rendition::origin, part);
  }

  bool starts_group(const FlvTag& tag) {
    if (tag.kind == FlvTag::Kind::video) return tag.keyframe;
    if (video_.info) return false;
    if (group_began_ms_ && tag.pts_ms >= *group_began_ms_ &&
        tag.pts_ms < *group_began_ms_ + kAudioGroupMs)
      return false;
    group_began_ms_ = tag.pts_ms;
    return true;
  }

  Error at_rest(Error error) const {
    error.offset += rest_offset();
    return error;
  }
  void flush(bool at_end) override {
    if (at_end && (!started_ || restarted_) && header_read_) {
      at_end_ = true;
      ended_ = cut();
    }
    if (started_) return emit_run();
    if (!at_end || !header_read_) return;
    begin_epoch();  // headers and no sample: all the same a stream
    CutPart init;
    init.init = true;
    emit_run(init);
  }
  Result<void> end() override {
    if (!ended_) return ended_;
    return CutterBase::end();
  }
  std::string_view element_name() const override {
    return header_read_ ? "an FLV tag" : "the FLV header";
  }

  Buffer header_;  // with PreviousTagSize0
  Buffer script_;  // the newest
  Track video_;
  Track audio_;
  bool header_read_ = false;
  bool started_ = false;    // the first init went out
  bool restarted_ = false;  // new metadata came, and no sample since
  bool at_end_ = false;
  std::size_t searched_ = 0;  // of rest(), for the first sound: each tag once
  Result<void> ended_;
  std::optional<std::int64_t> group_began_ms_;
};

}  // namespace

std::unique_ptr<Cutter> make_flv_cutter(const CutterOptions& options, PartSink& sink) {
  return std::make_unique<FlvCutter>(options, sink);
}

}  // namespace framewire
