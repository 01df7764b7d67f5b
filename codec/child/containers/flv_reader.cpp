#include "codec/child/containers/flv_reader.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "codec/child/containers/mp4_fragment.h"
#include "codec/child/containers/mp4_header.h"

namespace framewire::codec {
namespace {

constexpr std::size_t kHeader = 9;
constexpr std::size_t kFlvReadBytes = 32u << 10;
constexpr std::size_t kMostWaiting = 2048;      // tags
constexpr std::size_t kLargestTag = 16u << 20;  // as ingest takes them
constexpr std::uint32_t kTimescale = 1000;

bool is_media(const FlvTag& tag) {
  return tag.kind == FlvTag::Kind::audio || tag.kind == FlvTag::Kind::video;
}
bool is_sample(const FlvTag& tag) {
  return is_media(tag) && !tag.config && !tag.empty;
}

// FLV has a number for it that every FFmpeg knows.
bool has_plain_form(const FlvTag& tag) {
  const std::string_view four_cc = flv_four_cc(tag);
  if (four_cc == "hvc1") return false;
  return !flv_is_enhanced(tag) || four_cc == "avc1" || four_cc == "mp4a" || four_cc == ".mp3";
}
bool fits_mp4(const FlvTag& tag) {
  constexpr std::string_view kHeld[] = {"avc1", "hvc1", "av01", "vp09", "vp08", "mp4a", ".mp3",
                                        "Opus", "fLaC", "ac-3", "ec-3", "alaw", "ulaw"};
  return std::find(std::begin(kHeld), std::end(kHeld), flv_four_cc(tag)) != std::end(kHeld);
}

void put_be(Buffer& to, std::uint64_t value, int bytes) {
  while (bytes-- > 0) to.push_back(static_cast<std::byte>(value >> (8 * bytes) & 0xff));
}

}  // namespace

bool FlvReader::fill(std::size_t wanted) {
  while (held_.size() - held_at_ < wanted) {
    if (from_ended_ != 0 || ended_) return false;
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(held_at_));
    held_at_ = 0;
    const std::size_t size = held_.size();
    held_.resize(size + kFlvReadBytes);
    const int got = from_(std::span{held_}.subspan(size));
    held_.resize(size + static_cast<std::size_t>(std::max(got, 0)));
    if (got <= 0) {
      from_ended_ = got == 0 ? AVERROR_EOF : got;
      return false;
    }
  }
  return true;
}

bool FlvReader::advance() {
  const auto end = [this] {
    ended_ = true;
    return false;
  };
  if (!header_read_) {
    if (!fill(kHeader)) return end();
    const Bytes head = Bytes{held_}.subspan(held_at_);
    const std::uint64_t size = std::uint64_t{load_be<std::uint32_t>(head, 5)} + 4;
    if (as_text(head.first(3)) != "FLV" || size > kLargestTag) {
      error_ = Error{Errc::malformed_media, "no FLV header"};
      return end();
    }
    const auto flags = std::to_integer<unsigned>(head[4]);
    promised_ = {(flags & 1) != 0, (flags & 4) != 0};
    if (!fill(static_cast<std::size_t>(size))) return end();
    held_at_ += static_cast<std::size_t>(size);
    header_read_ = true;
  }
  if (!fill(FlvTag::kHead)) return end();
  const auto size = flv_tag_size(Bytes{held_}.subspan(held_at_));
  if (!size) error_ = size.error();
  // A file may end without its last size.
  if (!size || *size > kLargestTag || !fill(*size)) return end();
  take(read_flv_tag(Bytes{held_}.subspan(held_at_, *size)));
  held_at_ += *size;
  return true;
}

void FlvReader::take(const FlvTag& tag) {
  if (tag.kind == FlvTag::Kind::other) return;
  if (is_media(tag)) {
    if (is_sample(tag) && !first_ms_) first_ms_ = tag.dts_ms;
    Track& track = track_of(tag);
    if (tag.config || (track.tag.empty() && is_sample(tag)))
      track.tag.assign(tag.bytes.begin(), tag.bytes.end());
    track.came = track.came || tag.config || is_sample(tag);
  }
  if (format_) return give(tag);
  waiting_.emplace_back(tag.bytes.begin(), tag.bytes.end());
  if (is_sample(tag) && known(tag)) decide();
}

// What there is to know before a header is written, when the first samples are here.
bool FlvReader::known(const FlvTag& sample) const {
  if (live_ || waiting_.size() >= kMostWaiting) return true;
  const bool all = (tracks_[0].came || !promised_[0]) && (tracks_[1].came || !promised_[1]);
  return all || (first_ms_ && sample.dts_ms - *first_ms_ >= kHeldMs);
}

void FlvReader::decide() {
  bool plain = true;
  for (const Track& track : tracks_)
    plain = plain && (track.tag.empty() || has_plain_form(read_flv_tag(track.tag)));
  format_ = plain ? Format::flv : Format::mp4;
  if (plain) {
    append(out_, as_bytes("FLV"));
    put_be(out_, 0x01'00 | (promised_[0] ? 1u : 0u) | (promised_[1] ? 4u : 0u), 2);
    put_be(out_, kHeader, 4);
    put_be(out_, 0, 4);
  } else {
    give_moov();
  }
  for (const Buffer& bytes : std::exchange(waiting_, {})) give(read_flv_tag(bytes));
}

void FlvReader::give_moov() {
  std::vector<Mp4Track> tracks;
  for (Track& track : tracks_) {
    if (track.tag.empty()) continue;
    const FlvTag tag = read_flv_tag(track.tag);
    if (!fits_mp4(tag)) {
      spdlog::warn("FLV: a track of {} is left out beside one that only MP4 holds",
                   flv_track(tag).codec);
      continue;
    }
    track.id = static_cast<std::uint32_t>(tracks.size() + 1);
    tracks.push_back({track.id, flv_four_cc(tag), flv_track(tag), tag.configuration});
  }
  out_ = mp4_header(tracks, kTimescale);
}

void FlvReader::give(const FlvTag& tag) {
  if (*format_ == Format::flv)
    give_plain(tag);
  else if (is_sample(tag) && track_of(tag).id != 0)
    give_fragment(tag);
}

// type | size(3) | time(3) its bits 31..24 | 0(3) | body | 11 + size
void FlvReader::give_plain(const FlvTag& tag) {
  if (is_media(tag) && !has_plain_form(tag)) return;
  // Of other data, and in mid-stream of all, FFmpeg's demuxer makes a track of subtitles.
  constexpr std::string_view kMetadata{"\x02\0\x0aonMetaData", 13};
  const bool metadata = tag.dts_ms == 0 && as_text(tag.body()).starts_with(kMetadata);
  if (!is_media(tag) && !metadata) return;
  Buffer body;
  if (is_media(tag) && flv_is_enhanced(tag)) {
    if (tag.empty) return;
    const std::string_view four_cc = flv_four_cc(tag);
    if (four_cc == "avc1") {
      put_be(body, tag.config || tag.keyframe ? 0x17 : 0x27, 1);
      put_be(body, tag.config ? 0 : 1, 1);
      put_be(body, static_cast<std::uint64_t>(tag.pts_ms - tag.dts_ms), 3);
    } else if (four_cc == "mp4a") {
      put_be(body, 0xaf, 1);
      put_be(body, tag.config ? 0 : 1, 1);
    } else {
      put_be(body, 0x2f, 1);
    }
    append(body, tag.config ? tag.configuration : tag.data);
  } else {
    append(body, tag.body());
  }
  append(out_, tag.bytes.first(1));
  put_be(out_, body.size(), 3);
  append(out_, tag.bytes.subspan(4, 4));
  put_be(out_, 0, 3);
  append(out_, body);
  put_be(out_, FlvTag::kHead + body.size(), 4);
}

void FlvReader::give_fragment(const FlvTag& tag) {
  Track& track = track_of(tag);
  Mp4Sample sample;
  sample.fragment = ++fragments_;
  sample.track = track.id;
  sample.sync = tag.kind == FlvTag::Kind::audio || tag.keyframe;
  sample.dts = tag.dts_ms;
  sample.composition_offset = static_cast<std::int32_t>(tag.pts_ms - tag.dts_ms);
  // Only the demuxer's guess for the sample behind it, which brings its own time.
  sample.duration = static_cast<std::uint32_t>(
      track.last_dts < 0 ? 1 : std::clamp<std::int64_t>(tag.dts_ms - track.last_dts, 1, 1000));
  track.last_dts = tag.dts_ms;
  append(out_, mp4_fragment(sample, tag.data));
}

Format FlvReader::format() {
  while (!format_)
    if (!advance()) decide();
  return *format_;
}

int FlvReader::read(std::span<std::byte> to) {
  (void)format();
  while (out_at_ == out_.size()) {
    out_.clear();
    out_at_ = 0;
    if (ended_) return from_ended_ == AVERROR_EOF || from_ended_ == 0 ? 0 : from_ended_;
    (void)advance();
  }
  const std::size_t size = std::min(to.size(), out_.size() - out_at_);
  std::memcpy(to.data(), out_.data() + out_at_, size);
  out_at_ += size;
  return static_cast<int>(size);
}

bool flv_is_plain(const ReadBytes& from) {
  constexpr std::size_t kLookedAt = 2u << 20;
  Buffer bytes;
  while (bytes.size() < kLookedAt) {
    const std::size_t size = bytes.size();
    bytes.resize(size + kFlvReadBytes);
    const int got = from(std::span{bytes}.subspan(size));
    bytes.resize(size + static_cast<std::size_t>(std::max(got, 0)));
    if (got <= 0) break;
  }
  if (bytes.size() < kHeader) return true;
  Bytes left{bytes};
  left = left.subspan(
      std::min<std::size_t>(left.size(), std::size_t{load_be<std::uint32_t>(left, 5)} + 4));
  while (left.size() >= FlvTag::kHead) {
    const auto size = flv_tag_size(left);
    if (!size || *size > left.size()) break;
    const FlvTag tag = read_flv_tag(left.first(*size));
    if (tag.wrong_size || tag.kind == FlvTag::Kind::other) return false;
    if (is_media(tag) && (flv_is_enhanced(tag) || !has_plain_form(tag))) return false;
    left = left.subspan(*size);
  }
  return true;
}

}  // namespace framewire::codec
