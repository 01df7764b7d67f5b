// What is chosen by the codecs' names alone is what the table chooses.
#include "codec/early_choice.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codec/child/av/codec_table.h"

namespace framewire::codec {
namespace {

struct Named {
  const char* codec;  // as the cutters say it
  AVCodecID id;
  TrackKind kind = TrackKind::audio;
};
const std::vector<Named> kNamed = {
    {"avc1.64001f", AV_CODEC_ID_H264, TrackKind::video},
    {"avc3.42001f", AV_CODEC_ID_H264, TrackKind::video},
    {"hvc1.1.6.L93.B0", AV_CODEC_ID_HEVC, TrackKind::video},
    {"hev1.1.6.L93.B0", AV_CODEC_ID_HEVC, TrackKind::video},
    {"vp8", AV_CODEC_ID_VP8, TrackKind::video},
    {"vp08.00.10.08", AV_CODEC_ID_VP8, TrackKind::video},
    {"vp9", AV_CODEC_ID_VP9, TrackKind::video},
    {"vp09.00.10.08", AV_CODEC_ID_VP9, TrackKind::video},
    {"av01.0.04M.08", AV_CODEC_ID_AV1, TrackKind::video},
    {"opus", AV_CODEC_ID_OPUS},
    {"vorbis", AV_CODEC_ID_VORBIS},
    {"mp4a.40.2", AV_CODEC_ID_AAC},
    {"mp3", AV_CODEC_ID_MP3},
    {"mp4a.6B", AV_CODEC_ID_MP3},
    {"mp4a.69", AV_CODEC_ID_MP3},
    {"flac", AV_CODEC_ID_FLAC},
    {"pcm", AV_CODEC_ID_PCM_S16LE},
    {"alaw", AV_CODEC_ID_PCM_ALAW},
    {"ulaw", AV_CODEC_ID_PCM_MULAW},
    {"ac-3", AV_CODEC_ID_AC3},
    {"ec-3", AV_CODEC_ID_EAC3},
    {"alac", AV_CODEC_ID_ALAC},
    {"speex", AV_CODEC_ID_SPEEX},
};

EpochInfo epoch_of(std::initializer_list<TrackInfo> tracks) {
  EpochInfo out;
  out.tracks = tracks;
  return out;
}

TEST(EarlyChoice, IsThatOfTheTable) {
  std::size_t chosen = 0;
  for (const char* name : {"mp4", "ts", "flv", "webm", "packets", "h264", "mpeg1"})
    for (const Named& named : kNamed) {
      const Output& output = *output_named(name);
      if (!surely_instead(output, epoch_of({{named.kind, named.codec}}))) continue;
      ++chosen;
      const ParametersHandle track{avcodec_parameters_alloc()};
      track->codec_type = named.kind == TrackKind::video ? AVMEDIA_TYPE_VIDEO : AVMEDIA_TYPE_AUDIO;
      track->codec_id = named.id;
      EXPECT_NE(why_not(output, *track), "") << name << ' ' << named.codec;
      EXPECT_NE(decoder_of(named.id), nullptr) << named.codec;
    }
  EXPECT_GT(chosen, 40u);
}

TEST(EarlyChoice, NeedsAllTracksOfAKind) {
  const Output& flv = *output_named("flv");
  const TrackInfo avc{TrackKind::video, "avc1.64001f"}, vp8{TrackKind::video, "vp8"};
  const TrackInfo aac{TrackKind::audio, "mp4a.40.2"}, opus{TrackKind::audio, "opus"};
  const TrackInfo unknown{TrackKind::audio, ""}, text{TrackKind::other, "vorbis"};
  EXPECT_FALSE(surely_instead(flv, epoch_of({})));
  EXPECT_FALSE(surely_instead(flv, epoch_of({avc, aac})));
  EXPECT_TRUE(surely_instead(flv, epoch_of({avc, opus})));
  EXPECT_TRUE(surely_instead(flv, epoch_of({vp8, aac})));
  EXPECT_FALSE(surely_instead(flv, epoch_of({avc, opus, aac}))) << "the second one fits";
  EXPECT_FALSE(surely_instead(flv, epoch_of({avc, unknown})));
  EXPECT_FALSE(surely_instead(flv, epoch_of({avc, text})));
}

}  // namespace
}  // namespace framewire::codec
