#include "ingest/pictures/picture_scanner.h"

#include <algorithm>
#include <cstring>

namespace framewire {
namespace {

using namespace std::string_view_literals;

std::uint32_t load_le(Bytes bytes, std::size_t at, int count) {
  std::uint32_t value = 0;
  for (int i = count; i-- > 0;) value = (value << 8) | u8(bytes, at + static_cast<std::size_t>(i));
  return value;
}
// How far bytes begins with magic: to its end, to the end of bytes, or to where they differ.
std::size_t agree(Bytes bytes, std::string_view magic) {
  const std::string_view text = as_text(bytes);
  const auto differ = std::mismatch(magic.begin(), magic.end(), text.begin(), text.end());
  return static_cast<std::size_t>(differ.first - magic.begin());
}

//   FF D8 | FF marker length(2, itself included) ... | ... | FF DA length ... entropy-coded | FF D9
// In entropy-coded data FF is followed by 00 (a stuffed FF) or D0..D7 (RSTn), else it is a marker.
// Segments are skipped by length, so a thumbnail inside an APPn segment is not seen.
class JpegScanner final : public PictureScanner {
 public:
  void reset() override { *this = JpegScanner{}; }
  bool lacks_only_its_end() const override { return scanned_ && !ended_; }

  PictureScan scan(Bytes bytes) override {
    if (at_ < kSoi.size()) {
      at_ = agree(bytes, kSoi);
      if (at_ < kSoi.size())
        return at_ < bytes.size() ? malformed(0, "no JPEG picture starts here") : more(2);
    }
    while (true) {
      if (entropy_coded_ && !skip_entropy_coded(bytes)) return more(at_ + 2);
      while (at_ + 1 < bytes.size() && u8(bytes, at_) == 0xff && u8(bytes, at_ + 1) == 0xff) ++at_;
      if (at_ < bytes.size() && u8(bytes, at_) != 0xff)
        return malformed(at_, "a JPEG marker is due");
      if (at_ + 2 > bytes.size()) return more(at_ + 2);

      const std::uint8_t marker = u8(bytes, at_ + 1);
      if (marker == 0xd8 && scanned_) return whole(at_);  // its EOI never came
      if (marker == kEoi) {
        if (width_ == 0) return malformed(at_, "a JPEG picture without a frame header");
        ended_ = true;
        return whole(at_ + 2);
      }
      if (marker == 0x00 || marker == 0xd8) return malformed(at_, "a JPEG marker is due");
      if (marker == kTem || is_rst(marker)) {
        at_ += 2;
        continue;
      }
      if (at_ + 4 > bytes.size()) return more(at_ + 4);
      const std::size_t length = load_be<std::uint16_t>(bytes, at_ + 2);
      if (length < 2) return malformed(at_ + 2, "a JPEG segment shorter than its length field");
      if (at_ + 2 + length > bytes.size()) return more(at_ + 2 + length);
      if (is_sof(marker)) {
        if (length < 8) return malformed(at_ + 2, "a JPEG frame header that is too short");
        height_ = load_be<std::uint16_t>(bytes, at_ + 5);
        width_ = load_be<std::uint16_t>(bytes, at_ + 7);
        if (width_ == 0 || height_ == 0) return malformed(at_ + 5, "a JPEG picture without a size");
      }
      entropy_coded_ = marker == kSos;
      scanned_ = scanned_ || (entropy_coded_ && width_ > 0);
      at_ += 2 + length;
    }
  }

 private:
  static constexpr std::string_view kSoi = "\xff\xd8"sv;
  static constexpr std::uint8_t kEoi = 0xd9, kSos = 0xda, kTem = 0x01;

  static bool is_rst(std::uint8_t marker) { return marker >= 0xd0 && marker <= 0xd7; }
  static bool is_sof(std::uint8_t marker) {  // but DHT, JPG and DAC
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }
  // To the next marker. False: more bytes are needed.
  bool skip_entropy_coded(Bytes bytes) {
    while (at_ + 1 < bytes.size()) {
      const void* found = std::memchr(bytes.data() + at_, 0xff, bytes.size() - at_ - 1);
      if (!found) {
        at_ = bytes.size() - 1;
        return false;
      }
      at_ = static_cast<std::size_t>(static_cast<const std::byte*>(found) - bytes.data());
      const std::uint8_t next = u8(bytes, at_ + 1);
      if (next == 0xff) {
        ++at_;
      } else if (next == 0x00 || is_rst(next)) {
        at_ += 2;
      } else {
        entropy_coded_ = false;
        return true;
      }
    }
    return false;
  }

  std::string_view magic() const override { return "\xff\xd8\xff"sv; }

  std::size_t at_ = 0;
  bool entropy_coded_ = false;
  bool scanned_ = false;  // some of the picture's data came
  bool ended_ = false;    // by EOI
};

//   89 "PNG" 0D 0A 1A 0A | length(4) type(4) data CRC(4) | ... | 0 "IEND" CRC
//   acTL: an animation (APNG), whose first picture is what decoders of PNG show
//   IHDR, the first: width(4) height(4) depth colour compression filter interlace
class PngScanner final : public PictureScanner {
 public:
  void reset() override { *this = PngScanner{}; }

  PictureScan scan(Bytes bytes) override {
    if (at_ < kSignature.size()) {
      at_ = agree(bytes, kSignature);
      if (at_ < kSignature.size())
        return at_ < bytes.size() ? malformed(0, "no PNG picture starts here")
                                  : more(kSignature.size());
    }
    while (at_ + 8 <= bytes.size()) {
      const auto length = load_be<std::uint32_t>(bytes, at_);
      const std::string_view type = as_text(bytes.subspan(at_ + 4, 4));
      if (length > 0x7fffffff) return malformed(at_, "a PNG chunk over 2 GiB");
      if (!std::all_of(type.begin(), type.end(), is_letter))
        return malformed(at_ + 4, "a PNG chunk whose type is not four letters");
      if (width_ == 0 && (type != "IHDR" || length != 13))
        return malformed(at_, "a PNG picture that does not start with IHDR");
      const std::uint64_t end = std::uint64_t{at_} + 12 + length;
      if (end > bytes.size()) return more(end);
      if (width_ == 0) {
        width_ = load_be<std::uint32_t>(bytes, at_ + 8);
        height_ = load_be<std::uint32_t>(bytes, at_ + 12);
        if (width_ == 0 || height_ == 0) return malformed(at_ + 8, "a PNG picture without a size");
      }
      animated_ = animated_ || type == "acTL";
      if (type == "IEND") return whole(end);
      at_ = static_cast<std::size_t>(end);
    }
    return more(at_ + 12);
  }

 private:
  static constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n"sv;
  static bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

  std::string_view magic() const override { return kSignature; }

  std::size_t at_ = 0;
};

//   "RIFF" size(4, little-endian: what follows it) "WEBP" | type(4) size(4) data | ...
//   A RIFF of odd size has a byte of padding behind it. The first chunk holds the picture's size:
//   VP8   frame tag(3) 9D 01 2A width:14 scale:2 height:14 scale:2   (little-endian)
//   VP8L  2F (width - 1):14 (height - 1):14 ...
//   VP8X  flags(4) (width - 1)(3) (height - 1)(3)
class WebpScanner final : public PictureScanner {
 public:
  void reset() override { *this = WebpScanner{}; }

  PictureScan scan(Bytes bytes) override {
    if (const std::size_t same = agree(bytes, "RIFF"); same < 4)
      return same < bytes.size() ? malformed(0, "no WebP picture starts here") : more(kHeaders);
    if (bytes.size() >= 8) {
      const std::uint32_t size = load_le(bytes, 4, 4);
      if (size < kHeaders - 8) return malformed(4, "a WebP picture shorter than its headers");
      end_ = 8 + std::uint64_t{size} + size % 2;
    }
    if (bytes.size() > 8)
      if (const std::size_t same = agree(bytes.subspan(8), "WEBP");
          same < 4 && 8 + same < bytes.size())
        return malformed(8, "a RIFF file that is no WebP");
    if (bytes.size() < kHeaders) return more(std::max(end_, kHeaders));
    if (width_ == 0) {
      read_size(as_text(bytes.subspan(12, 4)), bytes.subspan(20));
      if (width_ == 0 || height_ == 0)
        return malformed(12, "a WebP picture that does not start with VP8, VP8L or VP8X");
    }
    return end_ <= bytes.size() ? whole(end_) : more(end_);
  }

 private:
  static constexpr std::uint8_t kAnimation = 0x02;
  static constexpr std::uint64_t kHeaders = 30;  // RIFF header, chunk header, 10 bytes of data

  void read_size(std::string_view type, Bytes data) {
    if (type == "VP8 " && as_text(data.subspan(3, 3)) == "\x9d\x01\x2a"sv) {
      width_ = load_le(data, 6, 2) & 0x3fff;
      height_ = load_le(data, 8, 2) & 0x3fff;
    } else if (type == "VP8L" && u8(data, 0) == 0x2f) {
      const std::uint32_t bits = load_le(data, 1, 4);
      width_ = (bits & 0x3fff) + 1;
      height_ = ((bits >> 14) & 0x3fff) + 1;
    } else if (type == "VP8X") {
      animated_ = (u8(data, 0) & kAnimation) != 0;
      width_ = load_le(data, 4, 3) + 1;
      height_ = load_le(data, 7, 3) + 1;
    }
  }

  std::string_view magic() const override { return "RIFF"sv; }

  std::uint64_t end_ = 0;
};

}  // namespace

std::size_t PictureScanner::junk(Bytes bytes) const {
  const std::string_view start = magic();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const std::size_t same = agree(bytes.subspan(at), start);
    if (same == start.size() || at + same == bytes.size()) return at;
  }
  return bytes.size();
}
bool PictureScanner::begins(Bytes bytes) const {
  return agree(bytes, magic()) == magic().size();
}

std::unique_ptr<PictureScanner> make_picture_scanner(Format format) {
  if (format == Format::png) return std::make_unique<PngScanner>();
  if (format == Format::webp) return std::make_unique<WebpScanner>();
  return std::make_unique<JpegScanner>();
}

}  // namespace framewire
