#include "codec/child/capture/packet_film.h"

#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "codec/child/av/ffmpeg_error.h"
#include "ingest/base/try.h"
#include "ingest/packets/packets.h"

namespace framewire::codec {
namespace {

constexpr std::uint8_t kPictures = 0;
constexpr std::uint8_t kSound = 1;

AVCodecID codec_of(std::string_view name) {
  if (name == "vp8") return AV_CODEC_ID_VP8;
  if (name == "vp9") return AV_CODEC_ID_VP9;
  if (name == "av1") return AV_CODEC_ID_AV1;
  return AV_CODEC_ID_H264;
}

}  // namespace

PacketFilm::PacketFilm(const CaptureSpec& spec, WriteBytes write, Written written)
    : spec_(spec),
      write_(std::move(write)),
      written_(std::move(written)),
      added_(spec.written_frames) {}

Result<std::unique_ptr<CaptureFilm>> PacketFilm::open(const CaptureSpec& spec, Bytes config,
                                                      WriteBytes write, Written written) {
  std::unique_ptr<PacketFilm> film{new PacketFilm(spec, std::move(write), std::move(written))};
  RETURN_IF_ERROR(film->open_parser(config));
  if (spec.written_bytes == 0)  // else it has its head already
    RETURN_IF_ERROR(film->write_head(config));
  return film;
}

Result<void> PacketFilm::write_head(Bytes config) {
  Buffer head;
  append_packets_header(head, spec_.audio ? kSound + 1 : kPictures + 1);
  append(head, config.subspan(kPacketsHeaderBytes));
  if (spec_.audio) {
    PacketsConfig sound;
    sound.track = kSound;
    sound.info.kind = TrackKind::audio;
    sound.info.codec = spec_.audio.codec;
    sound.info.sample_rate = spec_.audio.sample_rate;
    sound.info.channels = spec_.audio.channels;
    append_packets_config(head, sound);
  }
  return put(head, {});
}

Result<void> PacketFilm::open_parser(Bytes config) {
  ASSIGN_OR_RETURN(const auto read, read_packets_config(config.subspan(kPacketsHeaderBytes)));
  const AVCodecID codec = codec_of(spec_.codec);
  parser_.reset(av_parser_init(codec));
  context_.reset(avcodec_alloc_context3(nullptr));
  if (!context_) return ffmpeg_failed("reading packets", AVERROR(ENOMEM));
  context_->codec_type = AVMEDIA_TYPE_VIDEO;
  context_->codec_id = codec;
  if (parser_) parser_->flags |= PARSER_FLAG_COMPLETE_FRAMES;
  const Bytes description = read.description;
  if (description.empty()) return {};
  context_->extradata =
      static_cast<std::uint8_t*>(av_mallocz(description.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  if (!context_->extradata) return ffmpeg_failed("reading packets", AVERROR(ENOMEM));
  std::memcpy(context_->extradata, description.data(), description.size());
  context_->extradata_size = static_cast<int>(description.size());
  return {};
}

// What the bitstream says of itself. A player that seeks goes by the flag.
Result<void> PacketFilm::look_into(std::uint64_t number, Bytes frame, bool key) {
  if (number == spec_.written_frames && number == 0 && !key)
    return fail(Errc::malformed_media, "frame 0 is no key packet: a film begins with one");
  if (!parser_) return {};
  Buffer padded(frame.size() + AV_INPUT_BUFFER_PADDING_SIZE);
  std::memcpy(padded.data(), frame.data(), frame.size());
  std::uint8_t* out = nullptr;
  int out_size = 0;
  parser_->key_frame = -1;
  parser_->width = parser_->height = 0;
  av_parser_parse2(parser_.get(), context_.get(), &out, &out_size,
                   reinterpret_cast<const std::uint8_t*>(padded.data()),
                   static_cast<int>(frame.size()), AV_NOPTS_VALUE, AV_NOPTS_VALUE, 0);
  if (key && parser_->key_frame == 0)
    return fail(Errc::malformed_media,
                fmt::format("frame {} says that it is a key packet, and its {} does not", number,
                            spec_.codec));
  const auto is_near = [](int side, std::uint32_t wanted) {
    return std::abs(side - static_cast<int>(wanted)) <= 1;  // even sides
  };
  if (parser_->width > 0 && parser_->height > 0 &&
      (!is_near(parser_->width, spec_.width) || !is_near(parser_->height, spec_.height)))
    return fail(Errc::malformed_media,
                fmt::format("frame {} is {}x{}, and the film {}x{}", number, parser_->width,
                            parser_->height, spec_.width, spec_.height));
  return {};
}

Result<void> PacketFilm::add(Bytes frame, bool key) {
  const std::uint64_t number = added_++;
  RETURN_IF_ERROR(look_into(number, frame, key));
  PacketsPacket packet;
  packet.track = kPictures;
  packet.key = key;
  packet.pts_us = frame_time_us(number, spec_.fps);
  packet.duration_us =
      static_cast<std::uint32_t>(frame_time_us(number + 1, spec_.fps) - packet.pts_us);
  packet.data = frame;
  record_.clear();
  append_packets_packet(record_, packet);
  return put(record_, {1, 0});
}

Result<void> PacketFilm::add_sound(std::uint64_t first, Bytes samples) {
  const std::uint64_t count = samples.size() / spec_.audio.bytes();
  PacketsPacket packet;
  packet.track = kSound;
  packet.key = true;
  packet.pts_us = sample_time_us(first, spec_.audio);
  packet.duration_us =
      static_cast<std::uint32_t>(sample_time_us(first + count, spec_.audio) - packet.pts_us);
  packet.data = samples;
  record_.clear();
  append_packets_packet(record_, packet);
  return put(record_, {0, count});
}

Result<void> PacketFilm::put(Bytes bytes, const FilmGrowth& more) {
  if (const int failed = write_(bytes); failed < 0) return ffmpeg_failed("writing packets", failed);
  if (more.frames + more.samples > 0) written_(more);
  return {};
}

}  // namespace framewire::codec
