// Tracks that stay away: when silence takes the place of a sound, when pictures count as gone, and
// that what is put there is heard as nothing by a decoder.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "codec/child/codecs/silent_sound.h"
#include "codec/child/live/picture_gap.h"
#include "codec/child/live/sound_gap.h"

namespace framewire::codec {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kPictureUs = 40'000;
constexpr int kRate = 48'000;

ParametersHandle sound_of(AVCodecID codec, const std::vector<int>& extradata, int rate = kRate) {
  ParametersHandle out{avcodec_parameters_alloc()};
  out->codec_type = AVMEDIA_TYPE_AUDIO;
  out->codec_id = codec;
  out->sample_rate = rate;
  out->extradata =
      static_cast<std::uint8_t*>(av_mallocz(extradata.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  out->extradata_size = static_cast<int>(extradata.size());
  for (std::size_t i = 0; i < extradata.size(); ++i)
    out->extradata[i] = static_cast<std::uint8_t>(extradata[i]);
  return out;
}

// AudioSpecificConfig of AAC-LC at 48 kHz.
ParametersHandle aac(int channel_configuration) {
  return sound_of(AV_CODEC_ID_AAC, {0x11, 0x80 | channel_configuration << 3});
}

std::vector<int> opus_head(int channels, int family, const std::vector<int>& mapping) {
  std::vector<int> out;
  for (const char c : std::string{"OpusHead"}) out.push_back(c);
  out.insert(out.end(), {1, channels, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, family});
  out.insert(out.end(), mapping.begin(), mapping.end());
  return out;
}

struct Silent {
  std::string name;
  std::vector<int> extradata;
  AVCodecID codec;
  int channels;
};
void PrintTo(const Silent& c, std::ostream* out) {
  *out << c.name;
}
class Silence : public testing::TestWithParam<Silent> {};

TEST_P(Silence, DecodesToSamplesOfZeroForItsTime) {
  const Silent& c = GetParam();
  const auto sound = sound_of(c.codec, c.extradata);
  const auto silence = silent_sound(*sound, 0);
  ASSERT_TRUE(silence);
  CodecHandle context{avcodec_alloc_context3(nullptr)};
  ASSERT_GE(avcodec_parameters_to_context(context.get(), sound.get()), 0);
  ASSERT_GE(avcodec_open2(context.get(), avcodec_find_decoder(c.codec), nullptr), 0);
  std::int64_t samples = 0;
  constexpr int kPackets = 10;
  for (int i = 0; i < kPackets; ++i) {
    PacketHandle packet{av_packet_alloc()};
    ASSERT_GE(av_new_packet(packet.get(), static_cast<int>(silence->packet.size())), 0);
    std::memcpy(packet->data, silence->packet.data(), silence->packet.size());
    ASSERT_GE(avcodec_send_packet(context.get(), packet.get()), 0);
    FrameHandle frame{av_frame_alloc()};
    while (avcodec_receive_frame(context.get(), frame.get()) >= 0) {
      samples += frame->nb_samples;
      EXPECT_EQ(frame->ch_layout.nb_channels, c.channels);
      for (int channel = 0; channel < frame->ch_layout.nb_channels; ++channel) {
        const auto* data = reinterpret_cast<const float*>(frame->extended_data[channel]);
        for (int s = 0; s < frame->nb_samples; ++s) ASSERT_LT(std::abs(data[s]), 1e-4F);
      }
    }
  }
  // The first packet of AAC only fills the window.
  EXPECT_GE(samples, (kPackets - 1) * silence->samples);
  EXPECT_LE(samples, kPackets * silence->samples);
}

INSTANTIATE_TEST_SUITE_P(
    All, Silence,
    testing::Values(Silent{"AAC, one channel", {0x11, 0x88}, AV_CODEC_ID_AAC, 1},
                    Silent{"AAC, two channels", {0x11, 0x90}, AV_CODEC_ID_AAC, 2},
                    Silent{"AAC, three channels", {0x11, 0x98}, AV_CODEC_ID_AAC, 3},
                    Silent{"AAC, four channels", {0x11, 0xa0}, AV_CODEC_ID_AAC, 4},
                    Silent{"AAC, five channels", {0x11, 0xa8}, AV_CODEC_ID_AAC, 5},
                    Silent{"AAC, 5.1", {0x11, 0xb0}, AV_CODEC_ID_AAC, 6},
                    Silent{"AAC, 7.1", {0x11, 0xb8}, AV_CODEC_ID_AAC, 8},
                    Silent{"Opus, one channel", opus_head(1, 0, {}), AV_CODEC_ID_OPUS, 1},
                    Silent{"Opus, two channels", opus_head(2, 0, {}), AV_CODEC_ID_OPUS, 2},
                    Silent{"Opus, 5.1", opus_head(6, 1, {4, 2, 0, 4, 1, 2, 3, 5}), AV_CODEC_ID_OPUS,
                           6}));

TEST(Silence, LastsTenMillisecondsInOpusThatDoes) {
  const auto sound = sound_of(AV_CODEC_ID_OPUS, opus_head(2, 0, {}));
  EXPECT_EQ(silent_sound(*sound, 60'000)->samples, 960);
  const auto silence = silent_sound(*sound, 10'000);
  EXPECT_EQ(silence->samples, 480);
  CodecHandle context{avcodec_alloc_context3(nullptr)};
  ASSERT_GE(avcodec_parameters_to_context(context.get(), sound.get()), 0);
  ASSERT_GE(avcodec_open2(context.get(), avcodec_find_decoder(AV_CODEC_ID_OPUS), nullptr), 0);
  PacketHandle packet{av_packet_alloc()};
  ASSERT_GE(av_new_packet(packet.get(), static_cast<int>(silence->packet.size())), 0);
  std::memcpy(packet->data, silence->packet.data(), silence->packet.size());
  ASSERT_GE(avcodec_send_packet(context.get(), packet.get()), 0);
  FrameHandle frame{av_frame_alloc()};
  ASSERT_GE(avcodec_receive_frame(context.get(), frame.get()), 0);
  EXPECT_LE(frame->nb_samples, 480);
}

TEST(Silence, IsNotMadeOfOtherSounds) {
  EXPECT_FALSE(silent_sound(*sound_of(AV_CODEC_ID_FLAC, {}), 0));
  EXPECT_FALSE(silent_sound(*sound_of(AV_CODEC_ID_AAC, {}), 0));
  EXPECT_FALSE(silent_sound(*aac(0), 0));  // told by a program_config_element
}

TEST(Silence, LastsTwiceAsLongInHeAac) {
  EXPECT_EQ(silent_sound(*aac(2), 21'333)->samples, 1024);
  EXPECT_EQ(silent_sound(*aac(2), 42'667)->samples, 2048);
}

// A stream of 25 pictures a second and AAC, of which some do not come, in the order in which they
// do.
struct Output {
  SoundGap gap;
  ParametersHandle sound = aac(2);
  std::vector<std::int64_t> sounds, silences;
  int left_out = 0;

  SoundGap::Put put = [this](AVPacket& silent) -> Result<void> {
    silences.push_back(silent.dts);
    return {};
  };
  void take(std::int64_t dts_us, bool picture) {
    PacketHandle packet{av_packet_alloc()};
    packet->dts = packet->pts = dts_us;
    packet->duration = picture ? kPictureUs : av_rescale(1024, kSecond, kRate);
    gap.came(*packet, picture);
    if (picture) {
      ASSERT_TRUE(gap.before_picture(*packet, *sound, put));
      return;
    }
    const auto fits = gap.before_sound(*packet, *sound, put);
    ASSERT_TRUE(fits);
    if (*fits)
      sounds.push_back(dts_us);
    else
      ++left_out;
  }
  // late_us: how much later the sound comes than the pictures of its time.
  template <class Has>
  void run(std::int64_t to_us, std::int64_t late_us, const Has& has) {
    std::int64_t picture = 0;
    for (std::int64_t i = 0; picture < to_us; ++i) {
      const std::int64_t at = av_rescale(i * 1024, kSecond, kRate);
      for (; picture <= at + late_us && picture < to_us; picture += kPictureUs)
        if (has(picture, true)) take(picture, true);
      if (has(at, false)) take(at, false);
    }
  }
};

TEST(SoundGap, IsFilledUntilTheSoundComesAgain) {
  Output out;
  const auto gone = [](std::int64_t at) { return at >= 2 * kSecond && at < 6 * kSecond; };
  out.run(8 * kSecond, 0, [&](std::int64_t at, bool picture) { return picture || !gone(at); });
  ASSERT_FALSE(out.silences.empty());
  std::vector<std::int64_t> all = out.sounds;
  all.insert(all.end(), out.silences.begin(), out.silences.end());
  std::sort(all.begin(), all.end());
  for (std::size_t i = 1; i < all.size(); ++i) {
    EXPECT_GE(all[i] - all[i - 1], 20'000) << all[i];
    EXPECT_LT(all[i] - all[i - 1], 2 * 21'334) << all[i];
  }
  EXPECT_LE(out.left_out, 3);
}

// Behind a step of more than twice what a packet lasts, players drop pictures up to a keyframe.
TEST(SoundGap, ALittleLostSoundIsSilence) {
  for (const std::int64_t lost : {1, 2, 3, 10, 30}) {
    Output out;
    std::int64_t n = 0;
    out.run(5 * kSecond, 0, [&](std::int64_t, bool picture) {
      if (!picture) ++n;
      return picture || n % 90 >= lost || n < 90;
    });
    EXPECT_EQ(out.silences.size(), static_cast<std::size_t>(2 * lost)) << lost;
    EXPECT_EQ(out.left_out, 0) << lost;
    std::vector<std::int64_t> all = out.sounds;
    all.insert(all.end(), out.silences.begin(), out.silences.end());
    std::sort(all.begin(), all.end());
    for (std::size_t i = 1; i < all.size(); ++i) EXPECT_LT(all[i] - all[i - 1], 2 * 21'333) << lost;
  }
}

TEST(SoundGap, IsNoneWhereTheSoundOnlyComesLate) {
  for (const std::int64_t late_us : {std::int64_t{0}, kSecond / 2, 2 * kSecond, 5 * kSecond}) {
    Output out;
    out.run(20 * kSecond, late_us, [](std::int64_t, bool) { return true; });
    EXPECT_TRUE(out.silences.empty()) << late_us;
    EXPECT_EQ(out.left_out, 0) << late_us;
  }
}

TEST(SoundGap, IsNoneWhereNothingCame) {
  Output out;
  const auto hole = [](std::int64_t at) { return at >= 2 * kSecond && at < 120 * kSecond; };
  out.run(125 * kSecond, 0, [&](std::int64_t at, bool) { return !hole(at); });
  EXPECT_TRUE(out.silences.empty());
}

TEST(SoundGap, IsNoneBeforeTheFirstSound) {
  Output out;
  out.run(10 * kSecond, 0,
          [](std::int64_t at, bool picture) { return picture || at >= 5 * kSecond; });
  EXPECT_TRUE(out.silences.empty());
}

TEST(SoundGap, IsFilledAtOnceWithLittleOfAHoleThatFollows) {
  Output out;
  // The sound ends, and pictures do not come for two minutes.
  out.run(130 * kSecond, 0, [](std::int64_t at, bool picture) {
    if (!picture) return at < 2 * kSecond;
    return at < 4 * kSecond || at >= 124 * kSecond;
  });
  EXPECT_LT(out.silences.size(), 15U * 48);
}

TEST(PictureGap, TellsOnceThatPicturesHaveGone) {
  PictureGap gap;
  std::vector<std::int64_t> told;
  for (std::int64_t at = 0; at < 20 * kSecond; at += 20'000) {
    if (at % kPictureUs == 0 && (at < 2 * kSecond || (at >= 8 * kSecond && at < 10 * kSecond)))
      gap.picture(at);
    if (gap.gone_at_sound(at)) told.push_back(at);
  }
  ASSERT_EQ(told.size(), 2U);
  EXPECT_LE(told[0], 4 * kSecond);
}

TEST(PictureGap, IsNoneOfPicturesThatAreRare) {
  for (const std::int64_t apart_us : {kPictureUs, kSecond, 3 * kSecond, 8 * kSecond}) {
    PictureGap gap;
    for (std::int64_t at = 0; at < 60 * kSecond; at += 20'000) {
      if (at % apart_us == 0) gap.picture(at);
      EXPECT_FALSE(gap.gone_at_sound(at)) << apart_us << ' ' << at;
    }
  }
}

TEST(PictureGap, IsNoneOfFragmentsOfOneTrackAfterTheOther) {
  for (const bool pictures_first : {true, false}) {
    PictureGap gap;
    for (std::int64_t from = 0; from < 20 * kSecond; from += 2 * kSecond)
      for (const bool pictures : {pictures_first, !pictures_first})
        for (std::int64_t at = from; at < from + 2 * kSecond; at += kPictureUs)
          if (pictures)
            gap.picture(at);
          else
            EXPECT_FALSE(gap.gone_at_sound(at)) << at;
  }
}

TEST(PictureGap, IsNoneWhereNothingCame) {
  PictureGap gap;
  for (std::int64_t at = 0; at < 130 * kSecond; at += 20'000) {
    if (at >= 2 * kSecond && at < 122 * kSecond) continue;
    EXPECT_FALSE(gap.gone_at_sound(at)) << at;
    if (at % kPictureUs == 0) gap.picture(at);
  }
}

}  // namespace
}  // namespace framewire::codec
