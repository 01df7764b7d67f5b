#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/capture.h"

namespace framewire::codec {
namespace {

CaptureSpec clear_film() {
  CaptureSpec spec;
  spec.format = Format::png;
  spec.width = 320;
  spec.height = 180;
  spec.fps = 30;
  spec.container = "webm";
  spec.codec = "vp9";
  spec.alpha = true;
  return spec;
}

TEST(CaptureSpec, KeepsTransparencyWhereItsCodecCan) {
  EXPECT_EQ(why_no_capture(clear_film()), "");
  EXPECT_TRUE(capture_from_json(to_json(clear_film()))->alpha);
  struct Case {
    void (*change)(CaptureSpec&);
    const char* what;
  };
  for (const Case& one : {
           Case{[](CaptureSpec& s) { s.container = "mp4"; }, "vp9 in mp4 has no transparency"},
           Case{[](CaptureSpec& s) { s.codec = "av1"; }, "av1 in webm has no transparency"},
           Case{[](CaptureSpec& s) { s.format = Format::jpeg; }, "frames of jpeg"},
           Case{[](CaptureSpec& s) { s.format = Format::packets; }, "frames of packets"},
           Case{[](CaptureSpec& s) { s.quality = "lossless"; }, "never lossless"},
           Case{[](CaptureSpec& s) {
                  s.audio = {"pcm-s16", 48'000, 2};
                },
                "has no sound"},
       }) {
    CaptureSpec spec = clear_film();
    one.change(spec);
    EXPECT_THAT(why_no_capture(spec), testing::HasSubstr(one.what));
    spec.alpha = false;
    EXPECT_EQ(why_no_capture(spec), "") << one.what;
  }
}

}  // namespace
}  // namespace framewire::codec
