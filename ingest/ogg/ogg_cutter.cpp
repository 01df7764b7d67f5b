#include "ingest/ogg/ogg_cutter.h"

#include <fmt/format.h>

#include <algorithm>

#include "ingest/base/try.h"
#include "ingest/cut/cutter_base.h"

namespace framewire {
namespace {

using namespace std::string_view_literals;

std::uint64_t load_le(Bytes bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = (value << 8) | u8(bytes, at + i);
  return value;
}

//  0      4   5    6        14      18        22   26       27
//  "OggS" | 0 | flags | granule | serial | sequence | CRC | segments | lacing values | data
// Little-endian. A packet is a run of segments of 255 bytes and one that is shorter.
struct Page {
  static constexpr std::size_t kHead = 27;

  bool continues = false;  // its first packet began on the page before
  bool bos = false;
  std::int64_t granule = -1;  // samples at the end of its last whole packet; -1 = no packet ends
  std::uint32_t serial = 0;
  Bytes lacing;
  Bytes data;

  std::size_t packets_ended() const {
    return static_cast<std::size_t>(std::count_if(lacing.begin(), lacing.end(),
                                                  [](std::byte b) { return b != std::byte{255}; }));
  }
  bool ends_inside_packet() const { return !lacing.empty() && lacing.back() == std::byte{255}; }
};

struct Codec {
  TrackInfo track;
  std::size_t header_packets = 0;
  std::uint64_t granule_rate = 0;  // samples a second
  std::int64_t pre_skip = 0;       // samples
};

//   Opus    "OpusHead" version channels pre-skip(2) sample rate(4) ...
//   Vorbis  01 "vorbis" version(4) channels sample rate(4) ...
//   FLAC    7F "FLAC" 1 0 header packets(2, big-endian) "fLaC" block header(4) STREAMINFO, in it
//           at byte 10: sample rate:20 (channels - 1):3 ...
std::optional<Codec> identify(Bytes head) {
  Codec codec;
  codec.track.kind = TrackKind::audio;
  const std::string_view text = as_text(head);
  if (text.starts_with("OpusHead") && head.size() >= 19) {
    codec.track.codec = "opus";
    codec.track.channels = u8(head, 9);
    codec.track.sample_rate = 48000;
    codec.pre_skip = static_cast<std::int64_t>(load_le(head, 10, 2));
    codec.header_packets = 2;
  } else if (text.starts_with("\x01vorbis") && head.size() >= 30) {
    codec.track.codec = "vorbis";
    codec.track.channels = u8(head, 11);
    codec.track.sample_rate = static_cast<std::uint32_t>(load_le(head, 12, 4));
    codec.header_packets = 3;
  } else if (text.starts_with("\x7f"
                              "FLAC\x01"sv) &&
             head.size() >= 51) {
    codec.track.codec = "flac";
    codec.track.sample_rate = load_be<std::uint32_t>(head, 27) >> 12;
    codec.track.channels = ((u8(head, 29) >> 1) & 7u) + 1;
    codec.header_packets = 1 + std::size_t{load_be<std::uint16_t>(head, 7)};
  } else {
    return std::nullopt;
  }
  codec.granule_rate = codec.track.sample_rate;
  if (codec.granule_rate == 0) return std::nullopt;
  return codec;
}

class OggCutter final : public CutterBase {
 public:
  OggCutter(const CutterOptions& options, PartSink& sink) : CutterBase(options.limits, sink) {}

 private:
  Result<void> cut() override {
    while (true) {
      Result<std::optional<Page>> page = read_page();
      if (!page) return tl::make_unexpected(page.error());
      if (!*page) return {};
      RETURN_IF_ERROR(on_page(**page));
    }
  }

  // nullopt: more bytes are needed.
  Result<std::optional<Page>> read_page() const {
    const Bytes bytes = rest();
    const std::string_view magic = as_text(bytes.first(std::min<std::size_t>(bytes.size(), 4)));
    if (magic != "OggS"sv.substr(0, magic.size())) return malformed("an Ogg page is due");
    if (bytes.size() >= 5 && u8(bytes, 4) != 0) return malformed("an Ogg version other than 0", 4);
    if (bytes.size() < Page::kHead) return std::nullopt;
    const std::size_t data_at = Page::kHead + u8(bytes, Page::kHead - 1);
    if (bytes.size() < data_at) return std::nullopt;

    Page page;
    page.continues = u8(bytes, 5) & 1;
    page.bos = u8(bytes, 5) & 2;
    page.granule = static_cast<std::int64_t>(load_le(bytes, 6, 8));
    page.serial = static_cast<std::uint32_t>(load_le(bytes, 14, 4));
    page.lacing = bytes.subspan(Page::kHead, data_at - Page::kHead);
    std::size_t size = 0;
    for (std::byte segment : page.lacing) size += std::to_integer<std::size_t>(segment);
    RETURN_IF_ERROR(check_size("an Ogg page", data_at + size, limits().element_bytes));
    if (bytes.size() - data_at < size) return std::nullopt;
    page.data = bytes.subspan(data_at, size);
    return page;
  }

  Result<void> on_page(const Page& page) {
    if (page.bos) return start_headers(page);
    if (!codec_) return malformed("an Ogg stream that does not begin with a BOS page");
    if (page.serial != serial_)
      return fail(Errc::malformed_media,
                  fmt::format("a page of logical stream {}, which did not begin", page.serial),
                  rest_offset());
    if (headers_left_ > 0) return add_headers(page);
    take(page_bytes(page));
    CutPart facts;
    facts.group_start = !page.continues;
    facts.pts_us = page_start_us();
    emit_run(facts);
    if (page.granule >= 0) granule_ = page.granule;
    return {};
  }

  Result<void> start_headers(const Page& page) {
    if (headers_left_ > 0)
      return fail(Errc::unsupported_format, "Ogg with several logical streams at once",
                  rest_offset());
    codec_ = identify(page.data);
    if (!codec_)
      return fail(Errc::unsupported_format, "Ogg with a codec other than Opus, Vorbis and FLAC",
                  rest_offset());
    serial_ = page.serial;
    granule_ = 0;
    headers_left_ = codec_->header_packets;
    return add_headers(page);
  }

  Result<void> add_headers(const Page& page) {
    const std::size_t ended = page.packets_ended();
    if (ended > headers_left_ || (ended == headers_left_ && page.ends_inside_packet()))
      return malformed("an Ogg page that holds both headers and audio");
    RETURN_IF_ERROR(
        check_size("Ogg headers", run().size() + page_bytes(page), limits().init_bytes));
    take(page_bytes(page));
    headers_left_ -= ended;
    if (headers_left_ == 0) emit_init();
    return {};
  }

  void emit_init() {
    EpochInfo info;
    info.format = Format::ogg;
    info.mime = fmt::format("audio/ogg; codecs=\"{}\"", codec_->track.codec);
    info.tracks = {codec_->track};
    sink().on_epoch(info);
    CutPart facts;
    facts.init = true;
    emit_run(facts);
  }

  // No audio is lost by a jump of the granule position: the page is late, or early, by that much.
  std::int64_t page_start_us() const {
    const std::int64_t samples = std::max<std::int64_t>(granule_ - codec_->pre_skip, 0);
    const auto rate = static_cast<std::int64_t>(codec_->granule_rate);
    const std::int64_t seconds = std::min<std::int64_t>(samples / rate, 9'000'000'000'000);
    return seconds * 1'000'000 + samples % rate * 1'000'000 / rate;
  }

  static std::size_t page_bytes(const Page& page) {
    return Page::kHead + page.lacing.size() + page.data.size();
  }
  void flush(bool) override {}  // header pages wait for each other; others went out already
  std::string_view element_name() const override {
    return rest().empty() ? "the Ogg headers" : "an Ogg page";
  }

  std::optional<Codec> codec_;
  std::uint32_t serial_ = 0;
  std::size_t headers_left_ = 0;  // header packets still to come
  std::int64_t granule_ = 0;      // the newest page's
};

}  // namespace

std::unique_ptr<Cutter> make_ogg_cutter(const CutterOptions& options, PartSink& sink) {
  return std::make_unique<OggCutter>(options, sink);
}

}  // namespace framewire
