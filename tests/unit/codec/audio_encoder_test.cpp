// Sound through the encoder and back: a click must be heard when it was made, whatever the times,
// rates and holes of what came in.
#include "codec/child/codecs/audio_encoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace framewire::codec {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr int kRate = 48'000;

struct Input {
  int rate = kRate;
  int channels = 1;
  AVSampleFormat format = AV_SAMPLE_FMT_FLT;
  std::int64_t click_at = -1;  // microseconds on the same clock as pts
};

// A quiet hum, and a loud burst of 10 ms at click_at.
float sample_at(const Input& in, std::int64_t us) {
  const double t = static_cast<double>(us) / 1e6;
  const bool loud = in.click_at >= 0 && us >= in.click_at && us < in.click_at + 10'000;
  return static_cast<float>((loud ? 0.9 : 0.01) *
                            std::sin(2 * std::numbers::pi * (loud ? 2000 : 200) * t));
}

FrameHandle frame_of(const Input& in, std::int64_t pts, int samples) {
  FrameHandle frame{av_frame_alloc()};
  frame->nb_samples = samples;
  frame->format = in.format;
  frame->sample_rate = in.rate;
  frame->pts = pts;
  av_channel_layout_default(&frame->ch_layout, in.channels);
  EXPECT_GE(av_frame_get_buffer(frame.get(), 0), 0);
  for (int i = 0; i < samples; ++i) {
    const float value = sample_at(in, pts + av_rescale(i, kSecond, in.rate));
    for (int c = 0; c < in.channels; ++c) {
      const auto at = static_cast<std::size_t>(i * in.channels + c);
      if (in.format == AV_SAMPLE_FMT_FLT)
        reinterpret_cast<float*>(frame->data[0])[at] = value;
      else
        reinterpret_cast<std::int16_t*>(frame->data[0])[at] =
            static_cast<std::int16_t>(value * 32767);
    }
  }
  return frame;
}

// What comes out: packets, and the level of the decoded sound over time.
class Heard {
 public:
  explicit Heard(const AudioEncoding& encoding) {
    auto made = AudioEncoder::open(encoding);
    EXPECT_TRUE(made) << made.error().what;
    encoder_ = *std::move(made);
    decoder_.reset(avcodec_alloc_context3(avcodec_find_decoder(encoding.codec)));
    avcodec_parameters_to_context(decoder_.get(), encoder_->parameters());
    EXPECT_GE(avcodec_open2(decoder_.get(), nullptr, nullptr), 0);
  }
  void feed(const FrameHandle& frame) {
    const auto done = encoder_->encode(frame.get(), [this](AVPacket& packet) {
      times.push_back(packet.pts);
      ends.push_back(packet.pts + packet.duration);
      decode(packet);
      return Result<void>{};
    });
    ASSERT_TRUE(done) << done.error().what;
  }
  void end() { feed(nullptr); }
  // When the first loud sample is heard, -1 = never.
  std::int64_t click() const {
    const auto found =
        std::find_if(loud_.begin(), loud_.end(), [](const auto& at) { return at.second > 0.3f; });
    return found == loud_.end() ? -1 : found->first;
  }
  float loudest(std::int64_t from, std::int64_t to) const {
    float most = 0;
    for (const auto& [at, level] : loud_)
      if (at >= from && at < to) most = std::max(most, level);
    return most;
  }
  const AVCodecParameters& parameters() const { return *encoder_->parameters(); }

  std::vector<std::int64_t> times, ends;

 private:
  void decode(AVPacket& packet) {
    ASSERT_GE(avcodec_send_packet(decoder_.get(), &packet), 0);
    const FrameHandle frame{av_frame_alloc()};
    ASSERT_GE(avcodec_receive_frame(decoder_.get(), frame.get()), 0);
    // Opus and MP2 decode what came so far; AAC one frame later than it was made, as its times say.
    for (int i = 0; i < frame->nb_samples; ++i)
      loud_.emplace_back(packet.pts + av_rescale(i, kSecond, frame->sample_rate),
                         std::abs(value(*frame, i)));
  }
  static float value(const AVFrame& frame, int i) {
    const auto at = static_cast<std::size_t>(i);
    const auto step = static_cast<std::size_t>(frame.ch_layout.nb_channels);
    switch (frame.format) {
      case AV_SAMPLE_FMT_FLTP:
        return reinterpret_cast<const float*>(frame.data[0])[at];
      case AV_SAMPLE_FMT_FLT:
        return reinterpret_cast<const float*>(frame.data[0])[at * step];
      case AV_SAMPLE_FMT_S16P:
        return static_cast<float>(reinterpret_cast<const std::int16_t*>(frame.data[0])[at]) / 32768;
      default:
        return static_cast<float>(reinterpret_cast<const std::int16_t*>(frame.data[0])[at * step]) /
               32768;
    }
  }

  std::unique_ptr<AudioEncoder> encoder_;
  CodecHandle decoder_;
  std::vector<std::pair<std::int64_t, float>> loud_;
};

std::int64_t distance(std::int64_t a, std::int64_t b) {
  return a > b ? a - b : b - a;
}

void expect_no_seams(const Heard& heard, std::int64_t most = 25) {
  for (std::size_t i = 1; i < heard.times.size(); ++i)
    EXPECT_LE(distance(heard.times[i], heard.ends[i - 1]), most) << "packet " << i;
}

struct Case {
  AudioEncoding to;
  Input from;
  int frame;  // samples
};

class Encodes : public testing::TestWithParam<Case> {};

TEST_P(Encodes, AClickIsHeardWhenItWasMade) {
  const auto& [to, kind, samples] = GetParam();
  Input from = kind;
  from.click_at = 2'300'000;
  Heard heard{to};
  std::int64_t done = 0;
  for (; done < std::int64_t{3} * from.rate; done += samples)
    heard.feed(frame_of(from, kSecond + av_rescale(done, kSecond, from.rate), samples));
  heard.end();
  ASSERT_FALSE(heard.times.empty());
  expect_no_seams(heard);
  EXPECT_LE(distance(heard.click(), from.click_at), 2'000);
  EXPECT_LT(heard.loudest(1'100'000, 2'290'000), 0.1f);
  // From before the first sample to beyond the last, by a frame each at most.
  const std::int64_t end = kSecond + av_rescale(done, kSecond, from.rate);
  EXPECT_LE(heard.times.front(), kSecond);
  EXPECT_GE(heard.times.front(), kSecond - 30'000);
  EXPECT_GE(heard.ends.back(), end - 30'000);
  EXPECT_LE(heard.ends.back(), end + 60'000);
  EXPECT_EQ(heard.parameters().sample_rate, to.sample_rate);
  EXPECT_EQ(heard.parameters().ch_layout.nb_channels, to.channels);
  EXPECT_TRUE(to.codec != AV_CODEC_ID_AAC || heard.parameters().extradata_size > 0);
}

constexpr AudioEncoding kAac{}, kAacMono44{AV_CODEC_ID_AAC, 44'100, 1, 64},
    kMp2{AV_CODEC_ID_MP2, 48'000, 2, 128}, kMp2Mono44{AV_CODEC_ID_MP2, 44'100, 1, 64},
    kOpus{AV_CODEC_ID_OPUS, 48'000, 2, 96}, kOpusMono{AV_CODEC_ID_OPUS, 48'000, 1, 48};

INSTANTIATE_TEST_SUITE_P(All, Encodes,
                         testing::Values(Case{kAac, {}, 2880},
                                         Case{kAac, {44'100, 2, AV_SAMPLE_FMT_S16}, 1152},
                                         Case{kAacMono44, {48'000, 2, AV_SAMPLE_FMT_FLT}, 960},
                                         Case{kAacMono44, {8'000, 1, AV_SAMPLE_FMT_S16}, 80},
                                         Case{kMp2, {48'000, 6, AV_SAMPLE_FMT_FLT}, 1024},
                                         Case{kMp2Mono44, {22'050, 1, AV_SAMPLE_FMT_S16}, 441},
                                         Case{kOpus, {44'100, 2, AV_SAMPLE_FMT_S16}, 1},
                                         Case{kOpusMono, {96'000, 1, AV_SAMPLE_FMT_FLT}, 9600}));

class Unplayable : public testing::TestWithParam<AudioEncoding> {};

// What is no number is silence, and what comes after it is heard.
TEST_P(Unplayable, SamplesCostNothingElse) {
  const Input from{kRate, 1, AV_SAMPLE_FMT_FLT, 1'500'000};
  Heard heard{GetParam()};
  const std::vector<float> odd{std::nanf(""), INFINITY, -INFINITY, 3e38f, -3e38f};
  for (int n = 0; n < 100; ++n) {
    const FrameHandle frame = frame_of(from, kSecond + n * 20'000, 960);
    if (n == 10)
      for (std::size_t i = 0; i < 400; ++i)
        reinterpret_cast<float*>(frame->data[0])[i] = odd[i % odd.size()];
    heard.feed(frame);
  }
  heard.end();
  expect_no_seams(heard);
  EXPECT_GT(heard.loudest(1'500'000, 1'515'000), 0.3f);
}

INSTANTIATE_TEST_SUITE_P(All, Unplayable, testing::Values(kAac, kMp2, kOpus));

TEST(AudioEncoder, WhatBeginsBeforeZeroIsLeftOut) {
  Heard heard{kAac};
  for (int i = 0; i < 50; ++i) heard.feed(frame_of({}, i * 20'000, 960));
  heard.end();
  EXPECT_EQ(heard.times.front(), 0);
  expect_no_seams(heard);
}

TEST(AudioEncoder, AHoleBecomesSilence) {
  const Input from{.click_at = 2'100'000};
  Heard heard{kAac};
  for (int i = 0; i < 100; ++i)
    if (i < 40 || i >= 55) heard.feed(frame_of(from, kSecond + i * 20'000, 960));
  heard.end();
  expect_no_seams(heard);
  EXPECT_LE(distance(heard.click(), from.click_at), 2'000);
  EXPECT_LT(heard.loudest(1'830'000, 2'070'000), 0.001f);
  EXPECT_GT(heard.loudest(1'500'000, 1'780'000), 0.005f);
}

TEST(AudioEncoder, ALongHoleIsAJump) {
  const Input from{.click_at = 61'100'000};
  Heard heard{kAac};
  for (int i = 0; i < 40; ++i) heard.feed(frame_of(from, kSecond + i * 20'000, 960));
  for (int i = 0; i < 40; ++i) heard.feed(frame_of(from, 61 * kSecond + i * 20'000, 960));
  heard.end();
  EXPECT_LT(heard.times.size(), 90u);
  EXPECT_LE(distance(heard.click(), from.click_at), 2'000);
  EXPECT_EQ(std::count_if(heard.times.begin(), heard.times.end(),
                          [](auto t) { return t > 2 * kSecond && t < 60 * kSecond; }),
            0);
  for (std::size_t i = 1; i < heard.times.size(); ++i)
    EXPECT_GE(heard.times[i] + 25, heard.ends[i - 1]);
}

// A sound card that is 0.3 % fast: 90 ms within half a minute.
TEST(AudioEncoder, AClockThatWandersIsFollowed) {
  constexpr std::int64_t kFrameUs = 20'060;
  const Input from{.click_at = kSecond + 1'450 * kFrameUs};
  Heard heard{kAac};
  for (int i = 0; i < 1'500; ++i) heard.feed(frame_of(from, kSecond + i * kFrameUs, 960));
  heard.end();
  expect_no_seams(heard);
  EXPECT_LE(distance(heard.click(), from.click_at), 20'000);
  EXPECT_LE(distance(heard.ends.back(), kSecond + 1'500 * kFrameUs), 60'000);
}

TEST(AudioEncoder, TimesThatTrembleChangeNothing) {
  Heard steady{kAac}, trembling{kAac};
  for (int i = 0; i < 500; ++i) {
    const std::int64_t at = kSecond + i * 20'000;
    const FrameHandle frame = frame_of({}, at, 960);
    steady.feed(frame);
    frame->pts = at + (i * 37 % 13 - 6) * 1'000 * (i > 0);
    trembling.feed(frame);
  }
  EXPECT_EQ(steady.times, trembling.times);
}

TEST(AudioEncoder, OverlapsAreLeftOut) {
  const Input from{.click_at = 3'200'000};
  Heard heard{kAac};
  for (int i = 0; i < 75; ++i) heard.feed(frame_of(from, kSecond + i * 20'000, 960));
  for (int i = 60; i < 150; ++i) heard.feed(frame_of(from, kSecond + i * 20'000, 960));
  heard.end();
  expect_no_seams(heard);
  EXPECT_LE(distance(heard.click(), from.click_at), 2'000);
}

TEST(AudioEncoder, AnotherRateAndLayoutInTheMiddle) {
  Input from{.rate = 44'100, .channels = 2, .click_at = 2'600'000};
  Heard heard{kAac};
  for (int i = 0; i < 100; ++i) {
    if (i == 50) from = {.rate = 16'000, .format = AV_SAMPLE_FMT_S16, .click_at = from.click_at};
    heard.feed(frame_of(from, kSecond + i * 20'000, from.rate / 50));
  }
  heard.end();
  expect_no_seams(heard);
  EXPECT_LE(distance(heard.click(), from.click_at), 3'000);
}

TEST(AudioEncoder, RefusesWhatNoSoundIs) {
  auto encoder = AudioEncoder::open(kAac);
  ASSERT_TRUE(encoder);
  const auto none = [](AVPacket&) { return Result<void>{}; };
  EXPECT_FALSE((*encoder)->encode(frame_of({.rate = 1'000'000}, 0, 10).get(), none));
  EXPECT_FALSE((*encoder)->encode(frame_of({.rate = 100}, 0, 10).get(), none));
  EXPECT_FALSE((*encoder)->encode(frame_of({.channels = 16}, 0, 10).get(), none));
  EXPECT_FALSE(AudioEncoder::open({AV_CODEC_ID_VORBIS, 48'000, 2, 96}));
}

}  // namespace
}  // namespace framewire::codec
