// Pictures, and with them rgba and binary: each part is a group of its own.
#include "ingest/pictures/picture_cutter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ingest/intake/make_cutter.h"
#include "ingest/pictures/webp.h"
#include "tests/unit/ingest/cut_helpers.h"

namespace framewire::test {
namespace {

using namespace std::string_literals;

struct Kind {
  Format format;
  std::string suffix;
  std::string mime;
};

class Pictures : public testing::TestWithParam<Kind> {
 protected:
  Pictures() {
    for (int i = 0; i < 10; ++i)
      frames_.push_back(load_fixture("frames/f0" + std::to_string(i) + GetParam().suffix));
    for (const Buffer& frame : frames_) append(all_, frame);
  }
  std::vector<Buffer> frames_;
  Buffer all_;
};

TEST_P(Pictures, AreFoundHoweverTheyAreCut) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{997}}) {
    CutterOptions options;
    options.fps = 25;
    RecordingSink sink;
    const auto cutter = make_picture_cutter(GetParam().format, options, sink);
    ASSERT_TRUE(feed_in(*cutter, all_, size));
    ASSERT_TRUE(cutter->finish());
    ASSERT_EQ(sink.parts.size(), frames_.size());
    for (std::size_t i = 0; i < frames_.size(); ++i) {
      EXPECT_EQ(sink.parts[i].payload, frames_[i]);
      EXPECT_TRUE(sink.parts[i].facts.group_start);
      EXPECT_EQ(sink.parts[i].facts.pts_us, static_cast<std::int64_t>(i) * 40'000);
    }
    ASSERT_EQ(sink.epochs.size(), 1u);
    EXPECT_EQ(sink.epochs[0].mime, GetParam().mime);
    EXPECT_EQ(sink.epochs[0].width, 320u);
    EXPECT_EQ(sink.epochs[0].height, 180u);
  }
}

TEST_P(Pictures, WithoutARateHaveTheTimesOfTheMessagesTheyBeganIn) {
  for (const std::size_t held : {std::size_t{0}, std::size_t{1}, std::size_t{50}}) {
    RecordingSink sink;
    const auto cutter = make_picture_cutter(GetParam().format, {}, sink);
    // The last `held` bytes of a picture come in the next one's message.
    Buffer late;
    for (std::size_t i = 0; i < frames_.size(); ++i) {
      Buffer message = std::exchange(late, {});
      const Bytes frame{frames_[i]};
      append(message, frame.first(frame.size() - held));
      append(late, frame.last(held));
      cutter->stamp(static_cast<std::int64_t>(i) * 1000 + 7);
      ASSERT_TRUE(cutter->feed(message));
    }
    ASSERT_TRUE(cutter->feed(late));
    ASSERT_EQ(sink.parts.size(), frames_.size());
    for (std::size_t i = 0; i < frames_.size(); ++i)
      EXPECT_EQ(sink.parts[i].facts.pts_us, static_cast<std::int64_t>(i) * 1000 + 7) << held;
  }
}

TEST_P(Pictures, TheirRateGoesBeforeTheMessages) {
  RecordingSink sink;
  CutterOptions options;
  options.fps = 50;
  options.resize = Resize::pad;
  const auto cutter = make_picture_cutter(GetParam().format, options, sink);
  for (int i = 0; i < 3; ++i) {
    cutter->stamp(777);
    ASSERT_TRUE(cutter->feed(frames_[0]));
    EXPECT_EQ(sink.parts.back().facts.pts_us, i * 20'000);
  }
  EXPECT_EQ(sink.epochs[0].fps, 50);
  EXPECT_EQ(sink.epochs[0].resize, Resize::pad);
}

TEST_P(Pictures, AreHandedOutWithTheirLastByte) {
  RecordingSink sink;
  const auto cutter = make_picture_cutter(GetParam().format, {}, sink);
  ASSERT_TRUE(cutter->feed(Bytes{frames_[0]}.first(frames_[0].size() - 1)));
  EXPECT_TRUE(sink.parts.empty());
  ASSERT_TRUE(cutter->feed(Bytes{frames_[0]}.last(1)));
  EXPECT_EQ(sink.parts.size(), 1u);
  EXPECT_EQ(sink.parts[0].facts.pts_us, 0);
}

struct NotingSink : RecordingSink {
  void on_note(const CutNote& note) override { notes.push_back(note.code); }
  std::vector<std::string> notes;
};

// Behind the picture when they come with it, else left out.
TEST_P(Pictures, StrayBytesBetweenThemArePassedOver) {
  for (const std::string& padding : {std::string(1, '\0'), std::string(100, '\0'),
                                     std::string("\xff\xff\0\xff", 4), std::string("RIF \x89PN")}) {
    Buffer bytes = frames_[0];
    append(bytes, as_bytes(padding));
    append(bytes, frames_[1]);
    append(bytes, as_bytes(padding));
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{997}}) {
      NotingSink sink;
      const auto cutter = make_picture_cutter(GetParam().format, {}, sink);
      const auto fed = feed_in(*cutter, bytes, size);
      ASSERT_TRUE(fed) << fed.error().what << " at " << fed.error().offset;
      ASSERT_EQ(sink.parts.size(), 2u) << size;
      for (std::size_t i = 0; i < 2; ++i)
        EXPECT_EQ(
            Buffer(sink.parts[i].payload.begin(),
                   sink.parts[i].payload.begin() + static_cast<std::ptrdiff_t>(frames_[i].size())),
            frames_[i]);
      EXPECT_EQ(sink.notes, (std::vector<std::string>{"picture-padding"}));
      if (size == 0) {
        EXPECT_GE(sink.joined().size() + 4, bytes.size()) << "kept, but for what is undecided";
      }
    }
  }
}

TEST_P(Pictures, StrayBytesWithoutEndAreRefused) {
  Buffer bytes = frames_[0];
  bytes.resize(bytes.size() + 70'000, std::byte{'x'});
  RecordingSink sink;
  const auto cutter = make_picture_cutter(GetParam().format, {}, sink);
  const auto fed = feed_in(*cutter, bytes, 997);
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().code, Errc::malformed_media);
  EXPECT_EQ(sink.parts.size(), 1u);
}

// An animation of two pictures becomes a picture of its own.
TEST(Webp, TheFirstPictureOfAnAnimationStandsAlone) {
  const std::string still(as_text(load_fixture("frames/f00.webp")));
  const auto le = [](std::size_t value, int bytes) {
    std::string text;
    for (; bytes-- > 0; value >>= 8) text += static_cast<char>(value & 0xff);
    return text;
  };
  const std::size_t at = still.substr(12, 4) == "VP8X" ? 30 : 12;
  std::string picture = still.substr(at);
  while (picture.substr(0, 4) != "VP8 " && picture.substr(0, 4) != "VP8L") {
    const auto size =
        static_cast<unsigned char>(picture[4]) + 256u * static_cast<unsigned char>(picture[5]);
    picture = picture.substr(8 + size + size % 2);
  }
  const std::string frame = le(0, 6) + le(319, 3) + le(179, 3) + le(100, 3) + "\0"s + picture;
  const std::string anmf = "ANMF" + le(frame.size(), 4) + frame;
  const std::string chunks = "WEBPVP8X" + le(10, 4) + "\x02\0\0\0"s + le(319, 3) + le(179, 3) +
                             "ANIM" + le(6, 4) + le(0, 6) + anmf + anmf;
  const std::string animated = "RIFF" + le(chunks.size(), 4) + chunks;
  EXPECT_EQ(as_text(webp_first_picture(as_bytes(animated))),
            "RIFF" + le(4 + picture.size(), 4) + "WEBP" + picture);
  EXPECT_TRUE(webp_first_picture(as_bytes(still)).empty());
  EXPECT_TRUE(webp_first_picture(as_bytes(animated.substr(0, 60))).empty());
  NotingSink sink;
  const auto cutter = make_picture_cutter(Format::webp, {}, sink);
  ASSERT_TRUE(cutter->feed(as_bytes(animated)));
  EXPECT_EQ(as_text(sink.joined()), animated);
  EXPECT_EQ(sink.notes, (std::vector<std::string>{"webp-animated"}));
}

TEST(Png, AnAnimationIsTold) {
  std::string animated(as_text(load_fixture("frames/f00.png")));
  const std::string control = "\0\0\0\x08"s + "acTL" + "\0\0\0\x02\0\0\0\0"s + "CRC!";
  animated.insert(8 + 25, control);  // behind IHDR
  NotingSink sink;
  const auto cutter = make_picture_cutter(Format::png, {}, sink);
  ASSERT_TRUE(cutter->feed(as_bytes(animated)));
  EXPECT_EQ(as_text(sink.joined()), animated);
  EXPECT_EQ(sink.notes, (std::vector<std::string>{"png-animated"}));
}

TEST(Jpeg, MayLackItsEnd) {
  const Buffer whole = load_fixture("frames/f00.jpg");
  const Bytes cut_off = Bytes{whole}.first(whole.size() - 2);
  Buffer bytes;
  append(bytes, cut_off);
  append(bytes, cut_off);
  append(bytes, whole);
  append(bytes, cut_off);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{997}}) {
    NotingSink sink;
    const auto cutter = make_picture_cutter(Format::jpeg, {}, sink);
    ASSERT_TRUE(feed_in(*cutter, bytes, size));
    ASSERT_TRUE(cutter->finish());
    EXPECT_EQ(sink.parts.size(), 4u);
    EXPECT_EQ(sink.joined(), bytes);
    EXPECT_EQ(sink.notes, (std::vector<std::string>{"picture-without-end"}));
  }
}

TEST_P(Pictures, OverTheirLimitsAreRefused) {
  CutterOptions options;
  options.limits.picture_side = 319;
  RecordingSink sink;
  EXPECT_EQ(make_picture_cutter(GetParam().format, options, sink)->feed(all_).error().code,
            Errc::limit_exceeded);
  options = {};
  options.limits.element_bytes = frames_[0].size() - 1;
  EXPECT_EQ(make_picture_cutter(GetParam().format, options, sink)->feed(all_).error().code,
            Errc::limit_exceeded);
  EXPECT_TRUE(sink.parts.empty());
}

TEST_P(Pictures, TheEndInsideOneIsAnError) {
  RecordingSink sink;
  const auto cutter = make_picture_cutter(GetParam().format, {}, sink);
  ASSERT_TRUE(cutter->feed(Bytes{all_}.first(frames_[0].size() + 20)));
  const auto finished = cutter->finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().offset, frames_[0].size());
  EXPECT_EQ(finished.error().what, "the stream ends inside a picture");
}

INSTANTIATE_TEST_SUITE_P(All, Pictures,
                         testing::Values(Kind{Format::jpeg, ".jpg", "image/jpeg"},
                                         Kind{Format::png, ".png", "image/png"},
                                         Kind{Format::webp, ".webp", "image/webp"}),
                         [](const auto& kind) { return kind.param.suffix.substr(1); });

struct BadCase {
  Format format;
  std::string bytes;
  std::uint64_t offset;
};

const std::string kSof = "\xff\xc0\0\x0b\x08\0\x02\0\x02\x01\0\0\0"s;  // 2 x 2
const std::string kSos = "\xff\xda\0\x02"s;

TEST(PictureCutter, RefusesWhatIsBroken) {
  const std::string png = "\x89PNG\r\n\x1a\n";
  const std::vector<BadCase> cases = {
      {Format::jpeg, "\xff\xd9", 0},
      {Format::jpeg, "\xff\xd8\xff\xd9", 2},         // no frame header
      {Format::jpeg, "\xff\xd8x", 2},                // no marker
      {Format::jpeg, "\xff\xd8\xff\xd8", 2},         // SOI inside
      {Format::jpeg, "\xff\xd8\xff\xe0\0\x01"s, 4},  // segment of 1 byte
      {Format::jpeg, "\xff\xd8\xff\xc0\0\x07\x08\0\x01\0\x01"s, 4},
      {Format::jpeg, "\xff\xd8\xff\xc0\0\x08\x08\0\0\0\x01\x01"s, 7},  // height 0
      {Format::png, "\x89PNG\n", 0},
      {Format::png, png + "\xff\xff\xff\xffIHDR", 8},
      {Format::png, png + "\0\0\0\x0dIDAT"s, 8},
      {Format::png, png + "\0\0\0\x0d\0HDR"s, 12},
      {Format::png, png + "\0\0\0\x0dIHDR"s + std::string(17, '\0'), 16},  // 0 x 0
      {Format::webp, "RIFX", 0},
      {Format::webp, "RIFF\x04\0\0\0WEBP"s, 4},
      {Format::webp, "RIFF\x40\0\0\0WAVE"s, 8},
      {Format::webp, "RIFF\x40\0\0\0WEBPVP8 "s + std::string(14, '\0'), 12},
  };
  for (const BadCase& c : cases) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}}) {
      RecordingSink sink;
      const auto cutter = make_picture_cutter(c.format, {}, sink);
      const auto fed = feed_in(*cutter, as_bytes(c.bytes), size);
      ASSERT_FALSE(fed) << testing::PrintToString(c.bytes);
      EXPECT_EQ(fed.error().code, Errc::malformed_media) << testing::PrintToString(c.bytes);
      EXPECT_EQ(fed.error().offset, c.offset) << fed.error().what;
    }
  }
}

TEST(PictureCutter, JpegEndsWhereItsStructureSays) {
  const std::string thumbnail = "\xff\xe1\0\x06\xff\xd8\xff\xd9"s;  // SOI, EOI in an APP1 segment
  const std::string scan =
      "a\xff\0b\xff\xd0"
      "c\xff\xff\xd7"
      "d"s;
  const std::string jpeg = "\xff\xd8"s + thumbnail + "\xff\xff" + kSof.substr(1) + kSos + scan +
                           "\xff\xc4\0\x03x"s + kSos + "e" + "\xff\xd9";
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{3}}) {
    RecordingSink sink;
    const auto cutter = make_picture_cutter(Format::jpeg, {}, sink);
    const auto fed = feed_in(*cutter, as_bytes(jpeg + jpeg), size);
    ASSERT_TRUE(fed) << fed.error().what << " at " << fed.error().offset;
    ASSERT_TRUE(cutter->finish());
    ASSERT_EQ(sink.parts.size(), 2u);
    EXPECT_EQ(as_text(sink.parts[1].payload), jpeg);
  }
}

TEST(PictureCutter, AWebpOfOddSizeHasAPaddingByte) {
  const std::string webp =
      "RIFF\x17\0\0\0WEBPVP8L\x0b\0\0\0\x2f\x01\0\0\0"s + std::string(6, 'x') + "\0"s;
  RecordingSink sink;
  const auto cutter = make_picture_cutter(Format::webp, {}, sink);
  ASSERT_TRUE(cutter->feed(as_bytes(webp + webp)));
  ASSERT_TRUE(cutter->finish());
  EXPECT_EQ(sink.parts.size(), 2u);
  EXPECT_EQ(sink.epochs[0].width, 2u);
  EXPECT_EQ(sink.epochs[0].height, 1u);
}

TEST(RgbaCutter, CutsFramesBySize) {
  CutterOptions options;
  options.width = 320;
  options.height = 180;
  options.fps = 30;
  const Buffer frame = load_fixture("frames/raw-rgba-320x180.bin");
  Buffer bytes = frame;
  append(bytes, frame);
  RecordingSink sink;
  const auto cutter = make_cutter(Format::rgba, options, sink);
  ASSERT_TRUE(cutter);
  ASSERT_TRUE(feed_in(**cutter, bytes, 100'000));
  ASSERT_TRUE((*cutter)->finish());
  ASSERT_EQ(sink.parts.size(), 2u);
  EXPECT_EQ(sink.parts[1].payload, frame);
  EXPECT_EQ(sink.parts[1].facts.pts_us, 33'333);
  EXPECT_EQ(sink.epochs[0].width, 320u);
  ASSERT_TRUE((*cutter)->finish()) << "finish() again is harmless";
}

TEST(RgbaCutter, WithoutARateTakesTheMessagesTimes) {
  CutterOptions options;
  options.width = 320;
  options.height = 180;
  const Buffer frame = load_fixture("frames/raw-rgba-320x180.bin");
  RecordingSink sink;
  const auto cutter = make_cutter(Format::rgba, options, sink);
  for (const std::int64_t us : {5, 40'007}) {
    (*cutter)->stamp(us);
    ASSERT_TRUE((*cutter)->feed(frame));
    EXPECT_EQ(sink.parts.back().facts.pts_us, us);
  }
}

TEST(RgbaCutter, RefusesFramesOverTheLimits) {
  RecordingSink sink;
  CutterOptions options;
  options.width = 16385;
  options.height = 1;
  EXPECT_EQ(make_cutter(Format::rgba, options, sink).error().code, Errc::limit_exceeded);
  options.width = options.height = 16384;
  EXPECT_EQ(make_cutter(Format::rgba, options, sink).error().code, Errc::limit_exceeded);
}

TEST(BinaryCutter, EachMessageIsAGroup) {
  CutterOptions options;
  options.limits.element_bytes = 5;
  RecordingSink sink;
  const auto cutter = make_cutter(Format::binary, options, sink);
  ASSERT_TRUE((*cutter)->feed(as_bytes("")));
  EXPECT_TRUE(sink.epochs.empty());
  ASSERT_TRUE((*cutter)->feed(as_bytes("one")));
  ASSERT_TRUE((*cutter)->feed(as_bytes("")));
  (*cutter)->stamp(2'000);
  ASSERT_TRUE((*cutter)->feed(as_bytes("two")));
  ASSERT_EQ(sink.parts.size(), 2u);
  EXPECT_EQ(sink.epochs.size(), 1u);
  EXPECT_EQ(as_text(sink.parts[1].payload), "two");
  EXPECT_EQ(sink.parts[1].facts.pts_us, 2'000);
  EXPECT_TRUE(sink.parts[1].facts.group_start);
  const auto fed = (*cutter)->feed(as_bytes("over it"));
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().code, Errc::limit_exceeded);
  EXPECT_EQ(fed.error().offset, 6u);
}

}  // namespace
}  // namespace framewire::test
