#include "codec/child/av/codec_table.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

extern "C" {
#include <libavutil/pixfmt.h>
}

namespace framewire::codec {
namespace {

struct Case {
  const char* name;
  AVMediaType type;
  AVCodecID codec;
  int format;  // of pixels
  int profile;
  int rate;
  // c: copied, e: not held, and decoded here, so that `.h264` or `.mpeg1` encodes it
  const char* mp4;
  const char* ts;
  const char* flv;
  const char* webm;
  const char* packets;
  const char* h264;
};

constexpr auto kVideo = AVMEDIA_TYPE_VIDEO;
constexpr auto kAudio = AVMEDIA_TYPE_AUDIO;
constexpr int kNone = AV_PIX_FMT_NONE;

const std::vector<Case> kCases = {
    {"H.264 High", kVideo, AV_CODEC_ID_H264, AV_PIX_FMT_YUV420P, 100, 0, "c", "c", "c", "e", "c",
     "c"},
    {"H.264, full range", kVideo, AV_CODEC_ID_H264, AV_PIX_FMT_YUVJ420P, 77, 0, "c", "c", "c", "e",
     "c", "c"},
    {"H.264 not decoded yet", kVideo, AV_CODEC_ID_H264, kNone, 100, 0, "c", "c", "c", "e", "c",
     "c"},
    {"H.264 High 10", kVideo, AV_CODEC_ID_H264, AV_PIX_FMT_YUV420P10LE, 110, 0, "e", "c", "c", "e",
     "e", "e"},
    {"H.264 High 10, not decoded yet", kVideo, AV_CODEC_ID_H264, kNone, 110, 0, "e", "c", "c", "e",
     "e", "e"},
    {"H.264 4:2:2", kVideo, AV_CODEC_ID_H264, AV_PIX_FMT_YUV422P, 122, 0, "e", "c", "c", "e", "e",
     "e"},
    {"H.264 4:4:4", kVideo, AV_CODEC_ID_H264, AV_PIX_FMT_YUV444P, 244, 0, "e", "c", "c", "e", "e",
     "e"},
    {"H.264 RGB", kVideo, AV_CODEC_ID_H264, AV_PIX_FMT_GBRP, 244, 0, "e", "c", "c", "e", "e", "e"},
    {"HEVC", kVideo, AV_CODEC_ID_HEVC, AV_PIX_FMT_YUV420P, 1, 0, "e", "e", "e", "e", "e", "e"},
    {"VP8", kVideo, AV_CODEC_ID_VP8, AV_PIX_FMT_YUV420P, 0, 0, "e", "e", "e", "c", "c", "e"},
    {"VP9", kVideo, AV_CODEC_ID_VP9, AV_PIX_FMT_YUV420P, 0, 0, "c", "e", "e", "c", "c", "e"},
    {"VP9 profile 2", kVideo, AV_CODEC_ID_VP9, AV_PIX_FMT_YUV420P10LE, 2, 0, "c", "e", "e", "c",
     "c", "e"},
    {"AV1", kVideo, AV_CODEC_ID_AV1, AV_PIX_FMT_YUV420P, 0, 0, "c", "e", "e", "c", "c", "e"},
    {"MPEG-2", kVideo, AV_CODEC_ID_MPEG2VIDEO, AV_PIX_FMT_YUV420P, 4, 0, "e", "e", "e", "e", "e",
     "e"},
    {"MPEG-4 part 2", kVideo, AV_CODEC_ID_MPEG4, AV_PIX_FMT_YUV420P, 0, 0, "e", "e", "e", "e", "e",
     "e"},
    {"Theora", kVideo, AV_CODEC_ID_THEORA, AV_PIX_FMT_YUV420P, 0, 0, "e", "e", "e", "e", "e", "e"},
    {"Sorenson H.263", kVideo, AV_CODEC_ID_FLV1, AV_PIX_FMT_YUV420P, 0, 0, "e", "e", "e", "e", "e",
     "e"},
    {"AAC", kAudio, AV_CODEC_ID_AAC, kNone, 1, 48'000, "c", "c", "c", "e", "c", "c"},
    {"HE-AAC", kAudio, AV_CODEC_ID_AAC, kNone, 4, 48'000, "c", "c", "c", "e", "c", "c"},
    {"MP3 at 48 kHz", kAudio, AV_CODEC_ID_MP3, kNone, 0, 48'000, "e", "c", "c", "e", "c", "e"},
    {"MP3 at 44.1 kHz", kAudio, AV_CODEC_ID_MP3, kNone, 0, 44'100, "e", "c", "c", "e", "c", "e"},
    {"MP3 at 32 kHz", kAudio, AV_CODEC_ID_MP3, kNone, 0, 32'000, "e", "c", "e", "e", "c", "e"},
    {"MP3 at 24 kHz", kAudio, AV_CODEC_ID_MP3, kNone, 0, 24'000, "e", "c", "e", "e", "c", "e"},
    {"MP3 at 16 kHz", kAudio, AV_CODEC_ID_MP3, kNone, 0, 16'000, "e", "c", "e", "e", "c", "e"},
    {"MP3 at 22.05 kHz", kAudio, AV_CODEC_ID_MP3, kNone, 0, 22'050, "e", "c", "c", "e", "c", "e"},
    {"MP2", kAudio, AV_CODEC_ID_MP2, kNone, 0, 48'000, "e", "c", "e", "e", "e", "e"},
    {"Opus", kAudio, AV_CODEC_ID_OPUS, kNone, 0, 48'000, "c", "c", "e", "c", "c", "e"},
    {"Vorbis", kAudio, AV_CODEC_ID_VORBIS, kNone, 0, 44'100, "e", "e", "e", "c", "c", "e"},
    {"FLAC", kAudio, AV_CODEC_ID_FLAC, kNone, 0, 48'000, "c", "e", "e", "e", "e", "e"},
    {"ALAC", kAudio, AV_CODEC_ID_ALAC, kNone, 0, 48'000, "e", "e", "e", "e", "e", "e"},
    {"AC-3", kAudio, AV_CODEC_ID_AC3, kNone, 0, 48'000, "e", "e", "e", "e", "e", "e"},
    {"E-AC-3", kAudio, AV_CODEC_ID_EAC3, kNone, 0, 48'000, "e", "e", "e", "e", "e", "e"},
    {"A-law", kAudio, AV_CODEC_ID_PCM_ALAW, kNone, 0, 8'000, "e", "e", "e", "e", "e", "e"},
    {"mu-law", kAudio, AV_CODEC_ID_PCM_MULAW, kNone, 0, 8'000, "e", "e", "e", "e", "e", "e"},
    {"PCM", kAudio, AV_CODEC_ID_PCM_S16LE, kNone, 0, 48'000, "e", "e", "e", "e", "e", "e"},
    {"PCM, 24 bits", kAudio, AV_CODEC_ID_PCM_S24LE, kNone, 0, 96'000, "e", "e", "e", "e", "e", "e"},
    {"Speex", kAudio, AV_CODEC_ID_SPEEX, kNone, 0, 16'000, "e", "e", "e", "e", "e", "e"},
};

std::string what_becomes(const char* output, const AVCodecParameters& track) {
  const std::string misfit = why_not(*output_named(output), track);
  if (misfit.empty()) return "c";
  EXPECT_NE(misfit.find(avcodec_get_name(track.codec_id)), std::string::npos) << misfit;
  return decoder_of(track.codec_id) ? "e" : "refused";
}

TEST(CodecTable, SaysWhatBecomesOfEachCodecInEachOutput) {
  for (const Case& c : kCases) {
    const ParametersHandle track{avcodec_parameters_alloc()};
    track->codec_type = c.type;
    track->codec_id = c.codec;
    track->format = c.format;
    track->profile = c.profile;
    track->sample_rate = c.rate;
    EXPECT_EQ(what_becomes("mp4", *track), c.mp4) << c.name;
    EXPECT_EQ(what_becomes("ts", *track), c.ts) << c.name;
    EXPECT_EQ(what_becomes("flv", *track), c.flv) << c.name;
    EXPECT_EQ(what_becomes("webm", *track), c.webm) << c.name;
    EXPECT_EQ(what_becomes("packets", *track), c.packets) << c.name;
    EXPECT_EQ(what_becomes("h264", *track), c.h264) << c.name;
  }
}

TEST(CodecTable, EachDecoderOfItIsThere) {
  for (const Case& c : kCases) {
    const char* name = decoder_of(c.codec);
    ASSERT_NE(name, nullptr) << c.name;
    const AVCodec* decoder = avcodec_find_decoder_by_name(name);
    ASSERT_NE(decoder, nullptr) << name;
    EXPECT_EQ(decoder->id, c.codec) << name;
    EXPECT_NE(("," + decoder_whitelist() + ",").find("," + std::string(name) + ","),
              std::string::npos);
  }
}

TEST(CodecTable, RefusesByName) {
  const ParametersHandle track{avcodec_parameters_alloc()};
  track->codec_type = AVMEDIA_TYPE_VIDEO;
  track->codec_id = AV_CODEC_ID_PRORES;
  EXPECT_EQ(decoder_of(AV_CODEC_ID_PRORES), nullptr);
  EXPECT_EQ(
      why_not(*output_named("flv"), *track),
      "FLV holds H.264, AAC and MP3 (8, 11.025, 22.05, 44.1 or 48 kHz); this stream has prores");
}

TEST(CodecTable, KnowsWhichOutputsSayHowPicturesAreShown) {
  Shape turned;
  turned.matrix = std::array<std::int32_t, 9>{0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000};
  Shape oblong;
  oblong.aspect = {4, 3};
  Shape oblong_outside = oblong;
  oblong_outside.aspect_outside = true;
  for (const char* name : {"mp4", "ts", "flv", "webm", "packets", "h264", "mpeg1"}) {
    const Output& output = *output_named(name);
    const bool mp4 = output.name == "mp4", webm = output.name == "webm";
    EXPECT_EQ(why_not_shown(output, {}), "") << name;
    EXPECT_EQ(why_not_shown(output, oblong), "") << name;
    EXPECT_EQ(why_not_shown(output, turned).empty(), mp4 || webm) << name;
    EXPECT_EQ(why_not_shown(output, oblong_outside).empty(), mp4 || webm) << name;
  }
}

}  // namespace
}  // namespace framewire::codec
