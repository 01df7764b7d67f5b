#include "ingest/bare/wav_cutter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ingest/base/try.h"
#include "ingest/webm/webm_cutter.h"
#include "ingest/webm/webm_ebml.h"

namespace framewire {
namespace {

using namespace std::string_view_literals;

constexpr std::uint32_t kPcm = 1, kFloat = 3, kALaw = 6, kMuLaw = 7, kExtensible = 0xfffe;
constexpr std::int64_t kBlocksPerSecond = 50;
constexpr std::size_t kChunkHead = 8;
// Sizes that pipes and recorders write for one that they do not know: 0, and from here on.
constexpr std::uint64_t kUnknownSize = 0x7ff00000;
// What may stand behind the sound. Other bytes there are sound whose size was told wrongly.
constexpr std::array kChunks = {
    "LIST"sv, "id3 "sv, "ID3 "sv, "bext"sv, "fact"sv, "cue "sv, "smpl"sv, "inst"sv, "PEAK"sv,
    "JUNK"sv, "junk"sv, "FLLR"sv, "PAD "sv, "iXML"sv, "axml"sv, "_PMX"sv, "cart"sv, "DISP"sv,
    "LGWV"sv, "afsp"sv, "acid"sv, "note"sv, "plst"sv, "chna"sv, "data"sv};

struct WavFormat {
  std::uint32_t coding = 0, channels = 0, rate = 0, frame_bytes = 0, bits = 0;
};

std::uint32_t le(Bytes bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = count; i-- > 0;)
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + i]);
  return value;
}

void put_be(Buffer& to, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = bytes; i-- > 0;)
    to.push_back(static_cast<std::byte>(value >> (8 * i) & 0xff));
}
void put_id(Buffer& to, std::uint32_t id) {
  put_be(to, id, id > 0xffffff ? 4 : id > 0xffff ? 3 : id > 0xff ? 2 : 1);
}
void put_element(Buffer& to, std::uint32_t id, Bytes data) {
  put_id(to, id);
  put_be(to, data.size() | std::uint64_t{1} << 56, 8);
  append(to, data);
}
void put_text(Buffer& to, std::uint32_t id, std::string_view text) {
  put_element(to, id, as_bytes(text));
}
void put_uint(Buffer& to, std::uint32_t id, std::uint64_t value) {
  Buffer data;
  put_be(data, value, 8);
  put_element(to, id, data);
}
void put_endless(Buffer& to, std::uint32_t id) {
  put_id(to, id);
  put_be(to, (std::uint64_t{2} << 56) - 1, 8);
}

std::string_view codec_id(const WavFormat& format) {
  if (format.coding == kFloat) return "A_PCM/FLOAT/IEEE"sv;
  return format.coding == kPcm ? "A_PCM/INT/LIT"sv : "A_MS/ACM"sv;
}

// RFC 9559, section 5.1; IDs as in its table.
Buffer matroska_header(const WavFormat& format, Bytes format_chunk) {
  Buffer ebml, info, audio, entry, tracks, to;
  put_text(ebml, 0x4282, "matroska");
  put_element(to, ebml::kEbmlHeader, ebml);
  put_endless(to, ebml::kSegment);
  put_uint(info, 0x2AD7B1, 1'000'000);
  put_text(info, 0x4D80, "framewire");
  put_text(info, 0x5741, "framewire");
  put_element(to, ebml::kInfo, info);
  Buffer rate;
  put_be(rate, std::bit_cast<std::uint64_t>(static_cast<double>(format.rate)), 8);
  put_element(audio, 0xB5, rate);
  put_uint(audio, 0x9F, format.channels);
  put_uint(audio, 0x6264, format.bits);
  put_uint(entry, 0xD7, 1);
  put_uint(entry, 0x73C5, 1);
  put_uint(entry, 0x83, 2);
  put_uint(entry, 0x9C, 0);
  put_text(entry, 0x86, codec_id(format));
  if (codec_id(format) == "A_MS/ACM") put_element(entry, 0x63A2, format_chunk);
  put_element(entry, 0xE1, audio);
  put_element(tracks, 0xAE, entry);
  put_element(to, ebml::kTracks, tracks);
  return to;
}

class WavCutter final : public Cutter {
 public:
  WavCutter(const CutterOptions& options, PartSink& sink)
      : limits_(options.limits), inner_(make_webm_cutter(options, sink)) {}

  Result<void> feed(Bytes bytes) override {
    if (error_) return tl::make_unexpected(*error_);
    append(held_, bytes);
    auto done = cut(false);
    if (!done) error_ = done.error();
    return done;
  }
  Result<void> finish() override {
    if (error_) return tl::make_unexpected(*error_);
    RETURN_IF_ERROR(cut(true));
    return inner_->finish();
  }

 private:
  Result<void> cut(bool at_end) {
    if (!begun_)
      if (auto read = read_heads(); !read || !begun_) return read;
    while (true) {
      RETURN_IF_ERROR(cut_data(at_end));
      if (!data_left_ || *data_left_ > 0 || !pass_over_chunks()) return {};
    }
  }

  //  "RIFF" | "RF64" | "BW64", size "WAVE" | "fmt " size data | ... | "data" size samples
  Result<void> read_heads() {
    std::size_t at = 12;
    while (held_.size() >= at + kChunkHead) {
      const std::string_view id = as_text(Bytes{held_}.subspan(at, 4));
      const std::uint64_t size = le(held_, at + 4, 4);
      if (id == "data") return start(at + kChunkHead, size);
      const std::uint64_t end = at + kChunkHead + size + size % 2;
      if (end > limits_.init_bytes)
        return fail(
            Errc::limit_exceeded,
            fmt::format("{} bytes before a WAV stream's data, limit {}", end, limits_.init_bytes),
            at);
      if (held_.size() < end) return {};
      if (id == "fmt ") RETURN_IF_ERROR(read_format(Bytes{held_}.subspan(at + 8, size), at + 8));
      // size(8) of all, size(8) of the data
      if (id == "ds64" && size >= 16)
        long_size_ = le(held_, at + 16, 4) | std::uint64_t{le(held_, at + 20, 4)} << 32;
      at = static_cast<std::size_t>(end);
    }
    return {};
  }

  //  coding(2) channels(2) rate(4) bytes a second(4) frame(2) bits(2) | size(2) .. coding at 24
  Result<void> read_format(Bytes chunk, std::uint64_t offset) {
    if (chunk.size() < 16) return fail(Errc::malformed_media, "a WAV fmt chunk too short", offset);
    WavFormat format{le(chunk, 0, 2), le(chunk, 2, 2), le(chunk, 4, 4), le(chunk, 12, 2),
                     le(chunk, 14, 2)};
    if (format.coding == kExtensible && chunk.size() >= 26) format.coding = le(chunk, 24, 2);
    const bool pcm = format.coding == kPcm && format.bits % 8 == 0 && format.bits <= 32;
    const bool floats = format.coding == kFloat && (format.bits == 32 || format.bits == 64);
    const bool laws = (format.coding == kALaw || format.coding == kMuLaw) && format.bits == 8;
    if (!pcm && !floats && !laws)
      return fail(
          Errc::unsupported_format,
          fmt::format("WAV of coding {} with {} bits: only PCM, float, A-law and mu-law are "
                      "taken",
                      format.coding, format.bits),
          offset);
    if (format.channels == 0 || format.channels > 64 || format.rate < 1000 ||
        format.rate > 768'000 || format.frame_bytes != format.channels * format.bits / 8)
      return fail(Errc::malformed_media, "a WAV fmt chunk whose numbers cannot be", offset);
    format_ = format;
    format_chunk_.assign(chunk.begin(), chunk.end());
    return {};
  }

  Result<void> start(std::size_t data_at, std::uint64_t size) {
    if (!format_) return fail(Errc::malformed_media, "WAV data before its fmt chunk", data_at - 8);
    drop(data_at);
    begun_ = true;
    expect(size == UINT32_MAX && long_size_ > 0 ? long_size_ : size >= kUnknownSize ? 0 : size);
    return inner_->feed(matroska_header(*format_, format_chunk_));
  }

  // So many bytes of sound follow; 0: not known.
  void expect(std::uint64_t bytes) {
    data_left_.reset();
    if (bytes > 0) data_left_ = bytes - bytes % format_->frame_bytes;
    beyond_ = bytes % format_->frame_bytes + bytes % 2;  // with the padding
  }

  Result<void> cut_data(bool at_end) {
    const std::size_t block = format_->rate / kBlocksPerSecond * format_->frame_bytes;
    std::size_t used = 0;
    Buffer made;
    while (true) {
      const auto left = static_cast<std::size_t>(
          std::min<std::uint64_t>(held_.size() - used, data_left_.value_or(UINT64_MAX)));
      const bool last = at_end || left == data_left_;
      if (left < (last ? format_->frame_bytes : block)) break;
      const std::size_t bytes = std::min(left - left % format_->frame_bytes, block);
      put_block(made, Bytes{held_}.subspan(used, bytes));
      used += bytes;
      if (data_left_) *data_left_ -= bytes;
    }
    drop(used);
    return made.empty() ? Result<void>{} : inner_->feed(made);
  }

  // Behind the sound; false: more bytes are needed, or there are none.
  bool pass_over_chunks() {
    if (in_chunk_) {
      const auto gone = static_cast<std::size_t>(std::min<std::uint64_t>(beyond_, held_.size()));
      drop(gone);
      beyond_ -= gone;
      in_chunk_ = beyond_ > 0;
      return !in_chunk_;
    }
    const auto at = static_cast<std::size_t>(beyond_);
    if (held_.size() < at + kChunkHead) return false;
    const std::string_view id = as_text(Bytes{held_}.subspan(at, 4));
    const std::uint64_t size = le(held_, at + 4, 4);
    const bool sound = id == "data";
    if (std::find(kChunks.begin(), kChunks.end(), id) == kChunks.end()) {
      data_left_.reset();
      return true;
    }
    drop(at + kChunkHead);
    if (sound) {
      expect(size >= kUnknownSize ? 0 : size);
      return true;
    }
    beyond_ = size + size % 2;
    in_chunk_ = beyond_ > 0;
    return true;
  }

  void drop(std::size_t bytes) {
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(bytes));
  }

  void put_block(Buffer& to, Bytes samples) {
    const std::uint64_t ms = frames_ * 1000 / format_->rate;
    frames_ += samples.size() / format_->frame_bytes;
    if (!cluster_ms_ || ms - *cluster_ms_ >= 1000) {
      put_endless(to, ebml::kCluster);
      put_uint(to, ebml::kTimestamp, ms);
      cluster_ms_ = ms;
    }
    put_id(to, ebml::kSimpleBlock);
    put_be(to, (samples.size() + 4) | std::uint64_t{1} << 56, 8);
    put_be(to, 0x81, 1);
    put_be(to, ms - *cluster_ms_, 2);
    put_be(to, 0x80, 1);
    append(to, samples);
  }

  const Limits limits_;
  std::unique_ptr<Cutter> inner_;
  Buffer held_;
  Buffer format_chunk_;
  std::optional<WavFormat> format_;
  bool begun_ = false;  // the sound
  std::uint64_t long_size_ = 0;
  std::optional<std::uint64_t> data_left_;  // nullopt: up to the end
  std::uint64_t beyond_ = 0;                // bytes to pass over, before a chunk or of it
  bool in_chunk_ = false;                   // of it
  std::uint64_t frames_ = 0;
  std::optional<std::uint64_t> cluster_ms_;
  std::optional<Error> error_;
};

}  // namespace

std::unique_ptr<Cutter> make_wav_cutter(const CutterOptions& options, PartSink& sink) {
  return std::make_unique<WavCutter>(options, sink);
}

}  // namespace framewire
