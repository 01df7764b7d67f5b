#include "codec/child/containers/ffmpeg_input.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "codec/child/av/ffmpeg_io.h"

namespace framewire::codec {
namespace {

struct Case {
  const char* file;
  Format format;
  const char* codecs;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Memory {
 public:
  explicit Memory(std::string bytes) : bytes_(std::move(bytes)) {}
  AVIOContext* io() { return io_.get(); }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
  ReadBytes read_ = [this](std::span<std::byte> to) {
    const std::size_t size = std::min(to.size(), bytes_.size() - at_);
    std::copy_n(std::as_bytes(std::span{bytes_}).begin() + static_cast<std::ptrdiff_t>(at_), size,
                to.begin());
    at_ += size;
    return static_cast<int>(size);
  };
  IoHandle io_ = stream_reader(read_);
};

std::string codecs_of(const AVFormatContext& input) {
  std::string out;
  for (unsigned i = 0; i < input.nb_streams; ++i)
    out += std::string{i == 0 ? "" : ","} + avcodec_get_name(input.streams[i]->codecpar->codec_id);
  return out;
}

class OpenInput : public testing::TestWithParam<Case> {};

TEST_P(OpenInput, FindsTheStreams) {
  Memory memory{read_file(std::string{FRAMEWIRE_MEDIA_DIR} + "/" + GetParam().file)};
  const auto input = open_input(GetParam().format, memory.io());
  ASSERT_TRUE(input) << input.error().what;
  EXPECT_EQ(codecs_of(**input), GetParam().codecs);
}

INSTANTIATE_TEST_SUITE_P(
    Fixtures, OpenInput,
    testing::Values(Case{"browser/chromium-vp8-opus-camera.webm", Format::webm, "vp8,opus"},
                    Case{"browser/chromium-h264-opus-camera.webm", Format::webm, "h264,opus"},
                    Case{"browser/chromium-avc1-opus-camera.mp4", Format::mp4, "h264,opus"},
                    Case{"browser/firefox-opus-audio.ogg", Format::ogg, "opus"},
                    Case{"made/avc1-aac.ts", Format::mpegts, "h264,aac"},
                    Case{"made/avc1-aac.flv", Format::flv, "h264,aac"}));

TEST(OpenInput, TakesNoOtherFormatThanItIsTold) {
  Memory memory{read_file(std::string{FRAMEWIRE_MEDIA_DIR} + "/made/avc1-aac.flv")};
  const auto input = open_input(Format::mp4, memory.io());
  ASSERT_FALSE(input);
  EXPECT_EQ(input.error().code, Errc::malformed_media);
}

TEST(OpenInput, HasNoDemuxerForPicturesAndBinary) {
  Memory memory{"anything"};
  for (const Format format : {Format::jpeg, Format::rgba, Format::binary, Format::packets}) {
    const auto input = open_input(format, memory.io());
    ASSERT_FALSE(input);
    EXPECT_EQ(input.error().code, Errc::unsupported_format);
  }
}

TEST(OpenInput, AnEmptyFileIsAnError) {
  Memory memory{""};
  EXPECT_FALSE(open_input(Format::webm, memory.io()));
}

}  // namespace
}  // namespace framewire::codec
