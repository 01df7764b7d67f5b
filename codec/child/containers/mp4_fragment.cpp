#include "codec/child/containers/mp4_fragment.h"

#include <string_view>

namespace framewire::codec {
namespace {

constexpr std::uint32_t kBox = 8;
constexpr std::uint32_t kMfhd = kBox + 8;
constexpr std::uint32_t kTfhd = kBox + 8;
constexpr std::uint32_t kTfdt = kBox + 12;
constexpr std::uint32_t kTrun = kBox + 12 + 16;
constexpr std::uint32_t kTraf = kBox + kTfhd + kTfdt + kTrun;
constexpr std::uint32_t kMoof = kBox + kMfhd + kTraf;

constexpr std::uint32_t kBaseIsMoof = 0x020000;
constexpr std::uint32_t kVersion1 = 0x01000000;
// data offset, and per sample: duration, size, flags, composition offset
constexpr std::uint32_t kTrunFields = 0x000001 | 0x000100 | 0x000200 | 0x000400 | 0x000800;
constexpr std::uint32_t kSync = 0x02000000;     // depends on no other sample
constexpr std::uint32_t kNotSync = 0x01010000;  // depends on others

class Writer {
 public:
  explicit Writer(std::size_t size) { out_.reserve(size); }
  Writer& box(std::size_t size, std::string_view type) {
    u32(static_cast<std::uint32_t>(size));
    append(out_, as_bytes(type));
    return *this;
  }
  Writer& u32(std::uint32_t value) { return store(value); }
  Writer& u64(std::uint64_t value) { return store(value); }
  Writer& bytes(Bytes data) {
    append(out_, data);
    return *this;
  }
  Buffer take() { return std::move(out_); }

 private:
  template <class T>
  Writer& store(T value) {
    out_.resize(out_.size() + sizeof value);
    store_be(out_.data() + out_.size() - sizeof value, value);
    return *this;
  }
  Buffer out_;
};

}  // namespace

Buffer mp4_fragment(const Mp4Sample& sample, Bytes data) {
  Writer to{kMoof + kBox + data.size()};
  to.box(kMoof, "moof");
  to.box(kMfhd, "mfhd").u32(0).u32(sample.fragment);
  to.box(kTraf, "traf");
  to.box(kTfhd, "tfhd").u32(kBaseIsMoof).u32(sample.track);
  to.box(kTfdt, "tfdt").u32(kVersion1).u64(static_cast<std::uint64_t>(sample.dts));
  to.box(kTrun, "trun").u32(kVersion1 | kTrunFields).u32(1).u32(kMoof + kBox);
  to.u32(sample.duration).u32(static_cast<std::uint32_t>(data.size()));
  to.u32(sample.sync ? kSync : kNotSync);
  to.u32(static_cast<std::uint32_t>(sample.composition_offset));
  to.box(kBox + data.size(), "mdat").bytes(data);
  return to.take();
}

bool mp4_fragment_leads(Bytes fragment) {
  constexpr std::size_t kTrack = kBox + kMfhd + kBox + kBox + 4;
  constexpr std::size_t kFlags = kBox + kMfhd + kBox + kTfhd + kTfdt + kBox + 20;
  return fragment.size() > kMoof && as_text(fragment.subspan(4, 4)) == "moof" &&
         load_be<std::uint32_t>(fragment) == kMoof &&
         load_be<std::uint32_t>(fragment, kTrack) == 1 &&
         load_be<std::uint32_t>(fragment, kFlags) == kSync;
}

}  // namespace framewire::codec
