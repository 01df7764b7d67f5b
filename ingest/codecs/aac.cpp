#include "ingest/codecs/aac.h"

#include <fmt/format.h>

#include <array>

#include "ingest/codecs/codec_strings.h"

namespace framewire {
namespace {

constexpr std::array<std::uint32_t, 13> kSampleRates = {
    96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350};
std::uint32_t sample_rate(std::size_t index) {
  return index < kSampleRates.size() ? kSampleRates[index] : 0;
}
std::uint32_t channels(std::uint32_t configuration) {
  return configuration == 7 ? 8 : configuration < 7 ? configuration : 0;
}

}  // namespace

//   object type:5 (31 = escape) | rate index:4 (15 = rate:24) | channel configuration:4 | ...
std::optional<AacConfig> read_audio_specific_config(Bytes config) {
  auto codec = aac_codec_string(config);
  if (!codec || config.size() < 2) return std::nullopt;
  AacConfig aac;
  aac.codec = std::move(*codec);
  const auto bits = load_be<std::uint16_t>(config);
  const std::size_t rate_index = (bits >> 7) & 15u;
  if (bits >> 11 != 31 && rate_index != 15) {
    aac.sample_rate = sample_rate(rate_index);
    aac.channels = channels((bits >> 3) & 15u);
  }
  return aac;
}

//   FFF:12 id:1 layer:2 (0) no CRC:1 | object type - 1:2 rate index:4 private:1 channels:3 ...
std::optional<AacConfig> read_adts_header(Bytes header) {
  if (header.size() < 7) return std::nullopt;
  const auto bits = load_be<std::uint32_t>(header);
  if (bits >> 20 != 0xfff || ((bits >> 17) & 3) != 0) return std::nullopt;
  AacConfig aac;
  aac.codec = fmt::format("mp4a.40.{}", ((bits >> 14) & 3) + 1);
  aac.sample_rate = sample_rate((bits >> 10) & 15);
  aac.channels = channels((bits >> 6) & 7);
  return aac;
}

}  // namespace framewire
