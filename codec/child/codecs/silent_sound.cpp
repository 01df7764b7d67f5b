#include "codec/child/codecs/silent_sound.h"

#include <algorithm>
#include <array>
#include <span>

#include "ingest/codecs/aac.h"

namespace framewire::codec {
namespace {

constexpr std::int64_t kAacSamples = 1024;
constexpr std::int64_t kOpusSamples = 960;
constexpr int kOpusRate = 48'000;
constexpr std::int64_t kShortOpusUs = 10'000;

Bytes extradata_of(const AVCodecParameters& sound) {
  return std::as_bytes(
      std::span{sound.extradata, static_cast<std::size_t>(std::max(sound.extradata_size, 0))});
}

class BitWriter {
 public:
  void put(unsigned value, unsigned bits) {
    for (; bits > 0; --bits, ++at_) {
      if (at_ % 8 == 0) bytes_.push_back(std::byte{0});
      if ((value >> (bits - 1)) & 1) bytes_.back() |= std::byte{0x80} >> (at_ % 8);
    }
  }
  Buffer take() { return std::move(bytes_); }

 private:
  Buffer bytes_;
  unsigned at_ = 0;
};

enum Element : unsigned { kSingle = 0, kPair = 1, kLow = 3, kEnd = 7 };

// individual_channel_stream: a long window without a band.
void put_channel(BitWriter& to) {
  to.put(0, 8);  // global_gain
  to.put(0, 1);  // ics_reserved_bit
  to.put(0, 2);  // window_sequence: only long
  to.put(0, 1);  // window_shape
  to.put(0, 6);  // max_sfb
  to.put(0, 1);  // predictor_data_present
  to.put(0, 3);  // pulse_data, tns_data and gain_control_data _present
}

// The elements of a channel configuration, in their order (ISO/IEC 14496-3, table 1.19).
std::span<const Element> elements_of(std::uint32_t channels) {
  static constexpr std::array kElements = {kSingle, kPair, kPair, kPair, kLow};
  static constexpr std::array kFour = {kSingle, kPair, kSingle};
  static constexpr std::array kSix = {kSingle, kPair, kPair, kLow};
  const std::span all{kElements};
  switch (channels) {
    case 1:
      return all.first(1);
    case 2:
      return all.subspan(1, 1);
    case 3:
      return all.first(2);
    case 4:
      return kFour;
    case 5:
      return all.first(3);
    case 6:
      return kSix;
    case 8:
      return all;
    default:
      return {};
  }
}

// Empty: of a form that none is made for.
Buffer silent_aac(Bytes configuration) {
  const auto config = read_audio_specific_config(configuration);
  if (!config) return {};
  constexpr std::array kForms = {"mp4a.40.2", "mp4a.40.5", "mp4a.40.29"};
  if (std::find(kForms.begin(), kForms.end(), config->codec) == kForms.end()) return {};
  const auto elements = elements_of(config->channels);
  if (elements.empty()) return {};
  BitWriter to;
  std::array<unsigned, kEnd> tags = {};
  for (const Element element : elements) {
    to.put(element, 3);
    to.put(tags[element]++, 4);
    if (element == kPair) to.put(0, 1);  // common_window
    put_channel(to);
    if (element == kPair) put_channel(to);
  }
  to.put(kEnd, 3);
  return to.take();
}

// A frame of 20 or 10 ms in each of its streams, whose first symbol says that it is silent. All but
// the last stream's tell their length.
Buffer silent_opus(Bytes header, bool is_short) {
  // CELT, all of the band, one channel
  const std::array toc = {is_short ? std::byte{0xf0} : std::byte{0xf8}};
  constexpr std::array kFrame = {std::byte{0xff}, std::byte{0xfe}};
  constexpr std::size_t kFamilyAt = 18;
  constexpr std::size_t kStreamsAt = 19;
  unsigned streams = 1;
  if (header.size() > kStreamsAt && header[kFamilyAt] != std::byte{0})
    streams = std::to_integer<unsigned>(header[kStreamsAt]);
  Buffer out;
  for (; streams > 0; --streams) {
    append(out, toc);
    if (streams > 1) out.push_back(static_cast<std::byte>(kFrame.size()));
    append(out, kFrame);
  }
  return out;
}

}  // namespace

std::optional<SilentSound> silent_sound(const AVCodecParameters& sound, std::int64_t packet_us) {
  SilentSound out;
  if (sound.codec_id == AV_CODEC_ID_OPUS) {
    const bool is_short = packet_us > 0 && packet_us <= kShortOpusUs;
    out = {silent_opus(extradata_of(sound), is_short), is_short ? kOpusSamples / 2 : kOpusSamples,
           kOpusRate};
  } else if (sound.codec_id == AV_CODEC_ID_AAC && sound.sample_rate > 0) {
    const std::int64_t once_us = av_rescale(kAacSamples, 1'000'000, sound.sample_rate);
    const bool twice = packet_us > once_us + once_us / 2;
    out = {silent_aac(extradata_of(sound)), twice ? 2 * kAacSamples : kAacSamples,
           sound.sample_rate};
  }
  if (out.packet.empty()) return std::nullopt;
  return out;
}

}  // namespace framewire::codec
