#include "codec/child/containers/ffmpeg_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <utility>

#include "codec/child/av/codec_table.h"
#include "codec/child/av/ffmpeg_error.h"
#include "codec/child/av/ffmpeg_io.h"
#include "codec/child/containers/flv_reader.h"
#include "codec/child/containers/mp4_offsets.h"
#include "codec/child/containers/ts_one_program.h"

extern "C" {
#include <libavutil/mem.h>
}

namespace framewire::codec {
namespace {

constexpr std::size_t kMaxAllocation = 256u << 20;
// What a DVB multiplex's programme may have; most are left out.
constexpr std::int64_t kMaxStreams = 64;
// The demuxer's name, which is also all that format_whitelist lets in.
const char* demuxer_of(Format format) {
  switch (format) {
    case Format::webm:
      return "matroska,webm";
    case Format::mp4:
      return "mov,mp4,m4a,3gp,3g2,mj2";
    case Format::mpegts:
      return "mpegts";
    case Format::flv:
      return "flv";
    case Format::ogg:
      return "ogg";
    default:
      return nullptr;
  }
}

// The demuxer passes on the tag that packets_reader.cpp writes, and has no name for it. FFmpeg's
// parser of WebP holds a picture back until the next one comes.
void name_webp(AVFormatContext& input) {
  for (AVStream* stream : std::span{input.streams, input.nb_streams}) {
    if (stream->codecpar->codec_tag != MKTAG('W', 'E', 'B', 'P')) continue;
    stream->codecpar->codec_id = AV_CODEC_ID_WEBP;
    input.flags |= AVFMT_FLAG_NOPARSE;
  }
}

int read_from(AVIOContext* from, std::span<std::byte> to) {
  const int got = avio_read_partial(from, reinterpret_cast<unsigned char*>(to.data()),
                                    static_cast<int>(to.size()));
  return got == AVERROR_EOF ? 0 : got;
}

bool is_file(const AVIOContext* io) {
  return (io->seekable & AVIO_SEEKABLE_NORMAL) != 0;
}

// FLV read by our own reader on its way to FFmpeg's.
struct FlvCompanion final : InputCompanion {
  FlvCompanion(AVIOContext* from, bool live)
      : reader([from](std::span<std::byte> to) { return read_from(from, to); }, live) {}

  FlvReader reader;
  ReadBytes bytes = [this](std::span<std::byte> to) { return reader.read(to); };
  IoHandle io = stream_reader(bytes);
};

// A file that its demuxer reads well enough is left to it, since it can seek in it.
bool is_plain_flv_file(AVIOContext* io) {
  if (!is_file(io)) return false;
  const bool plain = flv_is_plain([io](std::span<std::byte> to) { return read_from(io, to); });
  return avio_seek(io, 0, SEEK_SET) == 0 && plain;
}

// MP4 whose offsets are made positive on its way to FFmpeg's demuxer, and right in its packets.
struct Mp4Companion final : InputCompanion {
  explicit Mp4Companion(AVIOContext* from)
      : offsets([from](std::span<std::byte> to) { return read_from(from, to); }) {}

  void put_right(const AVStream& stream, AVPacket& packet) const override {
    const auto track = static_cast<std::uint32_t>(stream.id);
    if (packet.dts != AV_NOPTS_VALUE) packet.dts -= offsets.lead(track);
    if (packet.pts != AV_NOPTS_VALUE && packet.pos >= 0)
      packet.pts -= offsets.delay(track, packet.pos);
  }
  bool may_show_early(const AVStream& stream) const override {
    return offsets.is_signed(static_cast<std::uint32_t>(stream.id));
  }

  Mp4Offsets offsets;
  ReadBytes bytes = [this](std::span<std::byte> to) { return offsets.read(to); };
  IoHandle io = stream_reader(bytes);
};

// A film of MPEG-TS, whose programme may get other PIDs; live that is another epoch.
struct TsCompanion final : InputCompanion {
  explicit TsCompanion(AVIOContext* from)
      : program([from](std::span<std::byte> to) { return read_from(from, to); }) {}

  bool normalized() const override { return program.normalized(); }

  TsOneProgram program;
  ReadBytes bytes = [this](std::span<std::byte> to) { return program.read(to); };
  IoHandle io = stream_reader(bytes);
};

// As of FLV.
bool is_plain_mp4_file(AVIOContext* io) {
  if (!is_file(io)) return false;
  constexpr std::size_t kLookedAt = 8u << 20;
  Mp4Offsets offsets{[io](std::span<std::byte> to) { return read_from(io, to); }};
  std::array<std::byte, 4096> piece;
  std::size_t looked = 0;
  for (int got = 1; got > 0 && looked < kLookedAt && !offsets.normalized();
       looked += static_cast<std::size_t>(std::max(got, 0)))
    got = offsets.read(piece);
  return avio_seek(io, 0, SEEK_SET) == 0 && !offsets.normalized();
}

}  // namespace

Result<InputHandle> open_input(Format format, AVIOContext* io, const ProbeLimits& limits) {
  std::unique_ptr<InputCompanion> companion;
  if (format == Format::flv && !is_plain_flv_file(io)) {
    auto flv = std::make_unique<FlvCompanion>(io, !is_file(io));
    if (!flv->io) return ffmpeg_failed("opening", AVERROR(ENOMEM));
    format = flv->reader.format();
    if (const auto& error = flv->reader.error()) return tl::make_unexpected(*error);
    io = flv->io.get();
    companion = std::move(flv);
  } else if (format == Format::mp4 && !is_plain_mp4_file(io)) {
    auto mp4 = std::make_unique<Mp4Companion>(io);
    if (!mp4->io) return ffmpeg_failed("opening", AVERROR(ENOMEM));
    io = mp4->io.get();
    companion = std::move(mp4);
  } else if (format == Format::mpegts && is_file(io) && !limits.seeks) {
    auto ts = std::make_unique<TsCompanion>(io);
    if (!ts->io) return ffmpeg_failed("opening", AVERROR(ENOMEM));
    io = ts->io.get();
    companion = std::move(ts);
  }
  const char* name = demuxer_of(format);
  const AVInputFormat* demuxer = nullptr;
  void* next = nullptr;
  while (name && (demuxer = av_demuxer_iterate(&next)))
    if (std::string_view{demuxer->name} == name) break;
  if (!demuxer)
    return fail(Errc::unsupported_format, fmt::format("{} has no demuxer", to_string(format)));

  AVFormatContext* context = avformat_alloc_context();
  if (!context) return ffmpeg_failed("opening", AVERROR(ENOMEM));
  context->pb = io;
  context->flags |= AVFMT_FLAG_CUSTOM_IO;
  Options options;
  options.set("format_whitelist", name)
      .set("codec_whitelist", decoder_whitelist().c_str())
      .set("protocol_whitelist", "")
      .set("max_streams", kMaxStreams)
      .set("correct_ts_overflow", std::int64_t{0})  // packet_times.h knows more
      .set("merge_pmt_versions", std::int64_t{1})   // MPEG-TS: a track may change its PID
      .set("probesize", limits.bytes)
      .set("analyzeduration", limits.duration_us)
      .set("fpsprobesize", std::int64_t{limits.fps_packets});
  const auto doing = fmt::format("reading {}", to_string(format));
  // Frees the context when it fails.
  if (const int failed = avformat_open_input(&context, nullptr, demuxer, options.get()); failed < 0)
    return ffmpeg_failed(doing, failed);
  context->opaque = companion.release();
  InputHandle input{context};
  name_webp(*context);
  if (!limits.find_stream_info) return input;
  if (const int failed = avformat_find_stream_info(context, nullptr); failed < 0)
    return ffmpeg_failed(doing, failed);
  return input;
}

int read_packet(AVFormatContext& input, AVPacket& packet) {
  const int got = av_read_frame(&input, &packet);
  const auto* companion = static_cast<const InputCompanion*>(input.opaque);
  if (got >= 0 && companion) companion->put_right(*input.streams[packet.stream_index], packet);
  return got;
}

bool was_normalized(const AVFormatContext& input) {
  const auto* companion = static_cast<const InputCompanion*>(input.opaque);
  return companion && companion->normalized();
}

bool may_show_early(const AVFormatContext& input, const AVStream& stream) {
  const auto* companion = static_cast<const InputCompanion*>(input.opaque);
  return companion && companion->may_show_early(stream);
}

void limit_ffmpeg_memory() {
  av_max_alloc(kMaxAllocation);
}

}  // namespace framewire::codec
