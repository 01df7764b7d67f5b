// What differs between the FFmpeg versions that we build with: 5.1 (Debian 12) to 7.1 (Debian 13).
// The only place that asks for a version. Source: doc/APIchanges of FFmpeg.
#pragma once
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/mem.h>
}

#include <cerrno>
#include <cstdint>

namespace framewire::codec {

// What an AVIOContext's write callback gets: since libavformat 61 (7.0) it may not change it.
#if LIBAVFORMAT_VERSION_MAJOR >= 61
using WrittenByte = const std::uint8_t;
#else
using WrittenByte = std::uint8_t;
#endif

// How long a frame lasts, in its time base. `duration` is there since libavutil 57.30.100 (6.0);
// `pkt_duration` went with 59 (7.0).
inline void copy_duration(AVFrame& to, const AVFrame& from) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
  to.duration = from.duration;
#else
  to.pkt_duration = from.pkt_duration;
#endif
}

// What is to be added to times of sound in Matroska, in microseconds. Its CodecDelay is taken off
// them again (RFC 9559, 5.1.4.1.16); the muxer adds it itself since libavformat 61 (7.0), and
// before it says one of Opus only.
inline std::int64_t unsaid_delay_us([[maybe_unused]] const AVCodecParameters& sound) {
#if LIBAVFORMAT_VERSION_MAJOR >= 61
  return 0;
#else
  if (sound.codec_id != AV_CODEC_ID_OPUS || sound.sample_rate <= 0) return 0;
  return av_rescale(sound.initial_padding, 1'000'000, sound.sample_rate);
#endif
}

// A flag since libavutil 58.7.100 (6.1).
inline bool is_keyframe(const AVFrame& frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
  return (frame.flags & AV_FRAME_FLAG_KEY) != 0;
#else
  return frame.key_frame != 0;
#endif
}

inline void mark_keyframe(AVFrame& frame, bool is_key) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
  frame.flags = is_key ? frame.flags | AV_FRAME_FLAG_KEY : frame.flags & ~AV_FRAME_FLAG_KEY;
#else
  frame.key_frame = is_key ? 1 : 0;
#endif
}

// A flag since libavutil 58.7.100 (6.1).
inline bool is_interlaced(const AVFrame& frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
  return (frame.flags & AV_FRAME_FLAG_INTERLACED) != 0;
#else
  return frame.interlaced_frame != 0;
#endif
}

// How a track's pictures are turned, nine numbers (libavutil/display.h); null: they are not. Part
// of the codec parameters since libavcodec 60.31.100 (6.1).
inline constexpr std::size_t kDisplayMatrixBytes = 9 * sizeof(std::int32_t);
inline const std::int32_t* display_matrix(const AVStream& stream) {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 100)
  const AVCodecParameters& track = *stream.codecpar;
  if (const AVPacketSideData* found = av_packet_side_data_get(
          track.coded_side_data, track.nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX)) {
    data = found->data;
    size = found->size;
  }
#else
  data = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
#endif
  return data && size >= kDisplayMatrixBytes ? reinterpret_cast<const std::int32_t*>(data)
                                             : nullptr;
}

// `data`, of av_malloc(), is the stream's then; not if the answer is an AVERROR.
inline int give_side_data(AVStream& stream, AVPacketSideDataType type, void* data,
                          std::size_t size) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 100)
  AVCodecParameters& track = *stream.codecpar;
  return av_packet_side_data_add(&track.coded_side_data, &track.nb_coded_side_data, type, data,
                                 size, 0)
             ? 0
             : AVERROR(ENOMEM);
#else
  return av_stream_add_side_data(&stream, type, static_cast<std::uint8_t*>(data), size);
#endif
}

// 0, or an AVERROR.
inline int set_display_matrix(AVStream& stream, const std::int32_t* matrix) {
  void* data = av_memdup(matrix, kDisplayMatrixBytes);
  if (!data) return AVERROR(ENOMEM);
  const int failed = give_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, data, kDisplayMatrixBytes);
  if (failed < 0) av_free(data);
  return failed;
}

// Tells an encoder how many units of its time base a picture lasts. From libavcodec 60.12.100 (6.1)
// on they all take it from `framerate`.
inline void set_picture_ticks([[maybe_unused]] AVCodecContext& encoder,
                              [[maybe_unused]] int ticks) {
#if LIBAVCODEC_VERSION_INT < AV_VERSION_INT(60, 12, 100)
  encoder.ticks_per_frame = ticks;
#endif
}

// The first of the sample formats that an audio encoder takes; AV_SAMPLE_FMT_NONE if it does not
// say. `codec` is the one that `context` was made for.
inline AVSampleFormat first_sample_format([[maybe_unused]] const AVCodecContext& context,
                                          const AVCodec& codec) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100)  // 7.1
  const void* formats = nullptr;
  const int failed = avcodec_get_supported_config(&context, &codec, AV_CODEC_CONFIG_SAMPLE_FORMAT,
                                                  0, &formats, nullptr);
  return failed < 0 || !formats ? AV_SAMPLE_FMT_NONE : *static_cast<const AVSampleFormat*>(formats);
#else
  return codec.sample_fmts ? *codec.sample_fmts : AV_SAMPLE_FMT_NONE;
#endif
}

// Whether a video encoder takes such pictures; true if it does not say. `codec` is the one that
// `context` was made for.
inline bool takes_pixel_format([[maybe_unused]] const AVCodecContext& context, const AVCodec& codec,
                               AVPixelFormat wanted) {
  const AVPixelFormat* formats = nullptr;
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100)  // 7.1
  const void* found = nullptr;
  if (avcodec_get_supported_config(&context, &codec, AV_CODEC_CONFIG_PIX_FORMAT, 0, &found,
                                   nullptr) >= 0)
    formats = static_cast<const AVPixelFormat*>(found);
#else
  formats = codec.pix_fmts;
#endif
  if (!formats) return true;
  for (; *formats != AV_PIX_FMT_NONE; ++formats)
    if (*formats == wanted) return true;
  return false;
}

}  // namespace framewire::codec
