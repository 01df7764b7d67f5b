// FFmpeg's objects in handles that free them. Included by codec/child only.
#pragma once
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/dict.h>
}

#include <cstdint>
#include <memory>

namespace framewire::codec {

constexpr AVRational kMicroseconds{1, 1'000'000};  // what times of ours are in

struct FreePacket {
  void operator()(AVPacket* p) const noexcept { av_packet_free(&p); }
};
struct FreeFrame {
  void operator()(AVFrame* f) const noexcept { av_frame_free(&f); }
};
struct FreeCodec {
  void operator()(AVCodecContext* c) const noexcept { avcodec_free_context(&c); }
};
struct FreeParameters {
  void operator()(AVCodecParameters* p) const noexcept { avcodec_parameters_free(&p); }
};
// What an input reads through, and that is to live as long: its `opaque` points to it.
struct InputCompanion {
  virtual ~InputCompanion() = default;
  // The demuxer has made this packet of the stream: its times as they should be.
  virtual void put_right(const AVStream& /*stream*/, AVPacket& /*packet*/) const {}
  // Pictures of the stream may be shown before they are decoded, by their times.
  virtual bool may_show_early(const AVStream& /*stream*/) const { return false; }
  // Players that read what came as it is would show less, or something else.
  virtual bool normalized() const { return false; }
};
struct CloseInput {
  void operator()(AVFormatContext* c) const noexcept {
    const std::unique_ptr<InputCompanion> companion{static_cast<InputCompanion*>(c->opaque)};
    avformat_close_input(&c);
  }
};
struct FreeOutput {
  void operator()(AVFormatContext* c) const noexcept { avformat_free_context(c); }
};
struct FreeIo {
  void operator()(AVIOContext* io) const noexcept {
    if (io) av_freep(&io->buffer);
    avio_context_free(&io);
  }
};
struct CloseParser {
  void operator()(AVCodecParserContext* p) const noexcept { av_parser_close(p); }
};
struct FreeBitstreamFilter {
  void operator()(AVBSFContext* c) const noexcept { av_bsf_free(&c); }
};

using PacketHandle = std::unique_ptr<AVPacket, FreePacket>;
using FrameHandle = std::unique_ptr<AVFrame, FreeFrame>;
using CodecHandle = std::unique_ptr<AVCodecContext, FreeCodec>;
using ParametersHandle = std::unique_ptr<AVCodecParameters, FreeParameters>;
using InputHandle = std::unique_ptr<AVFormatContext, CloseInput>;
using OutputHandle = std::unique_ptr<AVFormatContext, FreeOutput>;
using IoHandle = std::unique_ptr<AVIOContext, FreeIo>;
using ParserHandle = std::unique_ptr<AVCodecParserContext, CloseParser>;
using FilterHandle = std::unique_ptr<AVBSFContext, FreeBitstreamFilter>;

// An AVDictionary of options; what is left after a call was not understood.
class Options {
 public:
  Options() = default;
  ~Options() { av_dict_free(&dictionary_); }
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;
  Options& set(const char* key, const char* value) {
    av_dict_set(&dictionary_, key, value, 0);
    return *this;
  }
  Options& set(const char* key, std::int64_t value) {
    av_dict_set_int(&dictionary_, key, value, 0);
    return *this;
  }
  AVDictionary** get() { return &dictionary_; }

 private:
  AVDictionary* dictionary_ = nullptr;
};

}  // namespace framewire::codec
