#include "ingest/wire/publisher_messages.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace framewire {
namespace {

TEST(PublisherMessage, ReadsAWholePublish) {
  const auto message = parse_publisher_message(
      R"({"type":"publish","format":"rgba","mime":"a/b","title":"T\u00e4st","width":640,"height":360.0,)"
      R"("fps":29.97,"resize":"pad","lossless":true,"record":false,"keyframes":true,"unknown":[1,{"a":null}]})",
      Limits{});
  ASSERT_TRUE(message);
  const auto& hello = std::get<PublishHello>(*message);
  EXPECT_EQ(hello.format, Format::rgba);
  EXPECT_EQ(hello.mime, "a/b");
  EXPECT_EQ(hello.title, "T\xc3\xa4st");
  EXPECT_EQ(hello.width, 640u);
  EXPECT_EQ(hello.height, 360u);
  EXPECT_EQ(hello.fps, 29.97);
  EXPECT_EQ(hello.resize, Resize::pad);
  EXPECT_TRUE(hello.lossless);
  EXPECT_FALSE(hello.record);
  EXPECT_TRUE(hello.keyframes);
}

TEST(PublisherMessage, NeedsNothingButItsType) {
  const auto publish = parse_publisher_message(R"({"type":"publish","title":null})", Limits{});
  ASSERT_TRUE(publish);
  EXPECT_FALSE(std::get<PublishHello>(*publish).format.has_value());
  const auto resume = parse_publisher_message(R"({"type":"resume","token":"abc"})", Limits{});
  ASSERT_TRUE(resume);
  EXPECT_EQ(std::get<ResumeHello>(*resume).token, "abc");
  const std::string longest(8'192, 'x');  // texts are shorter elsewhere
  const auto token =
      parse_publisher_message(R"({"type":"token","token":")" + longest + "\"}", Limits{});
  ASSERT_TRUE(token);
  EXPECT_EQ(std::get<TokenMessage>(*token).token, longest);
  for (const char* none :
       {R"({"type":"token"})", R"({"type":"token","token":""})", R"({"type":"token","token":1})"})
    EXPECT_EQ(parse_publisher_message(none, Limits{}).error().code, Errc::bad_text);
  const auto end = parse_publisher_message(R"( {"type":"end"} )", Limits{});
  ASSERT_TRUE(end);
  EXPECT_TRUE(std::holds_alternative<EndMessage>(*end));
}

TEST(PublishParameters, SayWhatAPublishWould) {
  const std::vector<std::string> said = {
      "format=rgba", "width=640",    "height=360",    "fps=29.97", "title=12", "record=true",
      "resize=pad",  "token=secret", "lossless=true", "wait",      "width2=x"};
  const auto hello = read_publish_parameters(said, Limits{});
  ASSERT_TRUE(hello) << hello.error().what;
  EXPECT_EQ(hello->format, Format::rgba);
  EXPECT_EQ(hello->width, 640u);
  EXPECT_EQ(hello->height, 360u);
  EXPECT_EQ(hello->fps, 29.97);
  EXPECT_EQ(hello->title, "12");
  EXPECT_EQ(hello->resize, Resize::pad);
  EXPECT_TRUE(hello->record);
  EXPECT_FALSE(hello->lossless);
  EXPECT_TRUE(read_publish_parameters({}, Limits{}));
}

TEST(PublishParameters, OneThatIsNoneIsNamed) {
  const struct {
    std::string parameter;
    Errc code;
    const char* says;
  } rows[] = {
      {"fps=0", Errc::bad_text, "\"fps\" must be a number over 0"},
      {"fps=fast", Errc::bad_text, "\"fps\""},
      {"fps=1e999", Errc::bad_text, "\"fps\""},
      {"width=", Errc::bad_text, "\"width\" must be a whole number"},
      {"width=-1", Errc::bad_text, "\"width\""},
      {"width=[[[[1]]]]", Errc::bad_text, "\"width\""},
      {"height=12.5", Errc::bad_text, "\"height\""},
      {"height=99999999", Errc::limit_exceeded, "\"height\" is over"},
      {"record=yes", Errc::bad_text, "\"record\" must be true or false"},
      {"resize=bigger", Errc::bad_text, "\"resize\""},
      {"format=avi", Errc::unsupported_format, "\"format\""},
      {"title=" + std::string(1'025, 't'), Errc::limit_exceeded, "\"title\""},
  };
  for (const auto& row : rows) {
    const auto hello = read_publish_parameters(std::vector{row.parameter}, Limits{});
    ASSERT_FALSE(hello) << row.parameter;
    EXPECT_EQ(hello.error().code, row.code) << row.parameter;
    EXPECT_NE(hello.error().what.find(row.says), std::string::npos) << hello.error().what;
  }
}

TEST(PublisherMessage, ReadsACapture) {
  const auto message = parse_publisher_message(
      R"({"type":"publish","lossless":true,"format":"png","width":64,"height":32,"fps":25,)"
      R"("container":"webm","codec":"vp9","quality":"draft","frames":600,"hash":true})",
      Limits{});
  ASSERT_TRUE(message);
  const CaptureOptions& wish = std::get<PublishHello>(*message).capture;
  EXPECT_EQ(wish.container, "webm");
  EXPECT_EQ(wish.codec, "vp9");
  EXPECT_EQ(wish.quality, "draft");
  EXPECT_EQ(wish.frames, 600u);
  EXPECT_TRUE(wish.hash);
  const auto cancel = parse_publisher_message(R"({"type":"cancel"})", Limits{});
  ASSERT_TRUE(cancel);
  EXPECT_TRUE(std::holds_alternative<CancelMessage>(*cancel));
}

TEST(PublisherMessage, ReadsWhatIsSaid) {
  const auto message = parse_publisher_message(
      R"({"type":"message","name":"Ann","data":{"text":"\"[[{","n":[1,2.5,null]}})", Limits{});
  ASSERT_TRUE(message);
  const auto& said = std::get<SideText>(*message);
  EXPECT_EQ(said.name, "Ann");
  EXPECT_EQ(said.data, R"({"n":[1,2.5,null],"text":"\"[[{"})");
  const auto brackets = parse_publisher_message(
      R"({"type":"message","data":")" + std::string(100, '[') + R"("})", Limits{});
  EXPECT_TRUE(brackets) << "brackets in a string nest nothing";
}

TEST(PublisherMessage, ReadsATitle) {
  const auto message = parse_publisher_message(R"({"type":"title","title":"T\u00e4st"})", Limits{});
  ASSERT_TRUE(message);
  EXPECT_EQ(std::get<TitleMessage>(*message).title, "T\xc3\xa4st");
  const auto none = parse_publisher_message(R"({"type":"title","title":""})", Limits{});
  ASSERT_TRUE(none);
  EXPECT_EQ(std::get<TitleMessage>(*none).title, "");
}

TEST(PublisherMessage, ReadsThatPicturesStandStill) {
  for (const bool still : {true, false}) {
    const auto message = parse_publisher_message(
        still ? R"({"type":"still","still":true})" : R"({"type":"still","still":false})", Limits{});
    ASSERT_TRUE(message);
    EXPECT_EQ(std::get<StillMessage>(*message).still, still);
  }
}

TEST(PublisherMessage, ReadsAQuestionForTheTime) {
  const auto message =
      parse_publisher_message(R"({"type":"clock","sent":1795305600123.4})", Limits{});
  ASSERT_TRUE(message);
  EXPECT_EQ(std::get<ClockMessage>(*message).sent, 1795305600123.4);
}

TEST(PublisherMessage, ReadsAMute) {
  const auto message = parse_publisher_message(R"({"type":"mute","sender":"1-7"})", Limits{});
  ASSERT_TRUE(message);
  EXPECT_EQ(std::get<MuteMessage>(*message).sender, "1-7");
  EXPECT_TRUE(std::get<MuteMessage>(*message).muted);
}

struct Case {
  std::string text;
  Errc code;
};

std::string publish_with(const std::string& members) {
  return R"({"type":"publish",)" + members + "}";
}

const std::vector<Case> kRefused = {
    {"", Errc::bad_text},
    {"null", Errc::bad_text},
    {"[]", Errc::bad_text},
    {"\"publish\"", Errc::bad_text},
    {"{", Errc::bad_text},
    {"{}", Errc::bad_text},
    {"{} {}", Errc::bad_text},
    {R"({"type":1})", Errc::bad_text},
    {R"({"type":"ready"})", Errc::bad_text},
    {R"({"type":"resume"})", Errc::bad_text},
    {R"({"type":"message"})", Errc::bad_text},
    {R"({"type":"message","data":1,"name":7})", Errc::bad_text},
    {R"({"type":"message","data":1,"name":")" + std::string(65, 'x') + "\"}", Errc::limit_exceeded},
    {R"({"type":"message","data":)" + std::string(32, '[') + std::string(32, ']') + "}",
     Errc::bad_text},
    {R"({"type":"mute"})", Errc::bad_text},
    {R"({"type":"title","title":7})", Errc::bad_text},
    {R"({"type":"still","still":1})", Errc::bad_text},
    {R"({"type":"clock"})", Errc::bad_text},
    {R"({"type":"clock","sent":"now"})", Errc::bad_text},
    {R"({"type":"title","title":")" + std::string(1'025, 't') + "\"}", Errc::limit_exceeded},
    {R"({"type":"mute","sender":"1-7","muted":1})", Errc::bad_text},
    {R"({"type":"resume","token":""})", Errc::bad_text},
    {R"({"type":"resume","token":7})", Errc::bad_text},
    {"{\"type\":\"publish\",\"title\":\"\xff\"}", Errc::bad_text},
    {publish_with(R"("title":"\ud800")"), Errc::bad_text},
    {publish_with(R"("format":"avi")"), Errc::unsupported_format},
    {publish_with(R"("format":3)"), Errc::bad_text},
    {publish_with(R"("width":-1)"), Errc::bad_text},
    {publish_with(R"("width":0)"), Errc::bad_text},
    {publish_with(R"("width":1.5)"), Errc::bad_text},
    {publish_with(R"("width":"640")"), Errc::bad_text},
    {publish_with(R"("width":true)"), Errc::bad_text},
    {publish_with(R"("width":16385)"), Errc::limit_exceeded},
    {publish_with(R"("height":1e300)"), Errc::limit_exceeded},
    {publish_with(R"("height":18446744073709551615)"), Errc::limit_exceeded},
    {publish_with(R"("height":1e999)"), Errc::bad_text},
    {publish_with(R"("height":-9223372036854775808)"), Errc::bad_text},
    {publish_with(R"("fps":0)"), Errc::bad_text},
    {publish_with(R"("fps":-25)"), Errc::bad_text},
    {publish_with(R"("fps":1001)"), Errc::bad_text},
    {publish_with(R"("fps":NaN)"), Errc::bad_text},
    {publish_with(R"("fps":Infinity)"), Errc::bad_text},
    {publish_with(R"("fps":"30")"), Errc::bad_text},
    {publish_with(R"("resize":"crop")"), Errc::bad_text},
    {publish_with(R"("resize":1)"), Errc::bad_text},
    {publish_with(R"("lossless":1)"), Errc::bad_text},
    {publish_with(R"("record":"yes")"), Errc::bad_text},
    {publish_with(R"("frames":0)"), Errc::bad_text},
    {publish_with(R"("frames":1.5)"), Errc::bad_text},
    {publish_with(R"("frames":1e10)"), Errc::bad_text},
    {publish_with(R"("hash":"yes")"), Errc::bad_text},
    {publish_with(R"("audio":1)"), Errc::bad_text},
    {publish_with(R"("audio":{"codec":"pcm-s16"})"), Errc::bad_text},
    {publish_with(R"("audio":{"codec":"pcm-s16","sample_rate":48000,"channels":0})"),
     Errc::bad_text},
    {publish_with(R"("audio":{"codec":7,"sample_rate":48000,"channels":2})"), Errc::bad_text},
    {publish_with(R"("codec":1)"), Errc::bad_text},
    {publish_with("\"title\":\"" + std::string(1025, 'x') + "\""), Errc::limit_exceeded},
    {publish_with("\"mime\":\"" + std::string(1025, 'x') + "\""), Errc::limit_exceeded},
    {std::string(16u << 10, '['), Errc::bad_text},
    {"{\"type\":\"publish\",\"a\":" + std::string(8000, '[') + std::string(7000, ']') + "}",
     Errc::bad_text},
    {std::string((16u << 10) + 1, ' '), Errc::limit_exceeded},
};

TEST(PublisherMessage, RefusesTheRest) {
  for (const Case& c : kRefused) {
    const auto message = parse_publisher_message(c.text, Limits{});
    ASSERT_FALSE(message) << c.text.substr(0, 80);
    EXPECT_EQ(message.error().code, c.code) << c.text.substr(0, 80);
    EXPECT_FALSE(message.error().what.empty());
  }
}

TEST(PublisherMessage, DeepNestingThatIsJsonIsHarmless) {
  const std::string text =
      "{\"type\":\"end\",\"a\":" + std::string(8000, '[') + std::string(8000, ']') + "}";
  EXPECT_TRUE(parse_publisher_message(text, Limits{}));
}

}  // namespace
}  // namespace framewire
