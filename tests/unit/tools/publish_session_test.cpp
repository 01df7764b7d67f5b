#include "tools/posts/publish_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "ingest/wire/v1_header.h"
#include "ingest/wire/ws_reader.h"

namespace framewire::cli {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kReady =
    R"({"type":"ready","token":"t1","resumed":false,"sequence":0,"limits":{"unacked_bytes":1000000}})";

// What a session says, as the server's own reader reads it: texts, and "#n payload".
class Heard {
 public:
  std::vector<std::string> of(PublishSession& session) {
    std::vector<std::string> out;
    Buffer bytes = session.said();
    std::span<std::byte> left{bytes};
    while (true) {
      const auto event = reader_.next(left);
      EXPECT_TRUE(event) << event.error().what;
      if (!event || !*event) return out;
      if ((*event)->kind == WsEvent::Kind::pong) {
        out.push_back("pong " + std::string{as_text((*event)->payload)});
        continue;
      }
      const auto message = joined_.feed((*event)->piece);
      EXPECT_TRUE(message);
      if (!message || !*message) continue;
      out.push_back((*message)->text ? std::string{as_text((*message)->bytes)}
                                     : described((*message)->bytes));
      joined_.release();
    }
  }

 private:
  static std::string described(Bytes message) {
    const auto header = read_v1_header(message);
    EXPECT_TRUE(header);
    return "#" + std::to_string(header->sequence) + " " +
           std::string{as_text(message.subspan(header->bytes))};
  }
  WsReader reader_;
  MessageReassembler joined_{Limits{}};
};

void tell(PublishSession& session, std::string_view text) {
  session.take({WsOpcode::text, as_bytes(text)});
}
void close(PublishSession& session, unsigned code, std::string_view reason = "") {
  Buffer payload(2);
  store_be(payload.data(), static_cast<std::uint16_t>(code));
  append(payload, as_bytes(reason));
  session.take({WsOpcode::close, payload});
}

class Session : public testing::Test {
 protected:
  void add(std::string_view media) { session_.add(as_bytes(media), 0); }
  std::vector<std::string> said() { return heard_.of(session_); }
  void begin_and_send(std::initializer_list<const char*> media) {
    session_.begin(Format::webm);
    tell(session_, kReady);
    for (const char* bytes : media) add(bytes);
    said();
  }
  // The connection is lost, and there is another one.
  void reconnect() {
    session_.disconnected();
    heard_ = {};
    session_.begin(Format::webm);
  }

  PublishSession session_{{"A \"film\"", true}};
  Heard heard_;
};

TEST_F(Session, BeginsWithWhatIsPublished) {
  EXPECT_FALSE(session_.wants());
  session_.begin(Format::webm);
  const auto texts = said();
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_EQ(
      json::parse(texts[0]),
      json({{"type", "publish"}, {"format", "webm"}, {"title", "A \"film\""}, {"record", true}}));
  EXPECT_FALSE(session_.wants());
  tell(session_, kReady);
  EXPECT_TRUE(session_.wants());
  add("one");
  add("two");
  EXPECT_THAT(said(), ElementsAre("#0 one", "#1 two"));
}

TEST_F(Session, ResumesWithWhatTheServerHasNotGot) {
  begin_and_send({"one", "two", "three"});
  tell(session_, R"({"type":"ack","sequence":0})");
  reconnect();
  EXPECT_THAT(said(), ElementsAre(R"({"token":"t1","type":"resume"})"));
  tell(session_, R"({"type":"ready","token":"t1","resumed":true,"sequence":2,"limits":{}})");
  EXPECT_THAT(said(), ElementsAre("#2 three"));
}

TEST_F(Session, WaitsWhileTooMuchIsNotAcknowledged) {
  session_.begin(Format::webm);
  tell(session_, R"({"type":"ready","token":"t","sequence":0,"limits":{"unacked_bytes":100}})");
  add(std::string(90, 'x'));
  EXPECT_FALSE(session_.wants());
  tell(session_, R"({"type":"ack","sequence":0})");
  EXPECT_TRUE(session_.wants());
}

TEST_F(Session, EndsOnceAllIsAcknowledged) {
  begin_and_send({"one", "two"});
  session_.finish();
  EXPECT_THAT(said(), IsEmpty());
  tell(session_, R"({"type":"ack","sequence":1})");
  EXPECT_THAT(said(), ElementsAre(R"({"type":"end"})"));
  EXPECT_FALSE(session_.end());
  close(session_, 1000, "ended");
  ASSERT_TRUE(session_.end());
  EXPECT_EQ(session_.end()->reason, "");
}

TEST_F(Session, AnEndWhoseAnswerWasLostIsAnEnd) {
  begin_and_send({"one"});
  session_.finish();
  tell(session_, R"({"type":"ack","sequence":0})");
  reconnect();
  tell(session_, R"({"type":"error","code":"resume-unknown","message":"no such"})");
  ASSERT_TRUE(session_.end());
  EXPECT_EQ(session_.end()->reason, "");
}

TEST_F(Session, BeginsAnewWithAServerThatForgot) {
  begin_and_send({"one", "two"});
  reconnect();
  said();
  tell(session_, R"({"type":"error","code":"resume-unknown","message":"no such"})");
  EXPECT_TRUE(session_.begins_anew());
  EXPECT_FALSE(session_.begins_anew());
  EXPECT_THAT(said(), ElementsAre(HasSubstr(R"("type":"publish")")));
  tell(session_, kReady);
  add("init");
  EXPECT_THAT(said(), ElementsAre("#0 init"));
}

TEST_F(Session, CutsWhatIsLargeButNoPicture) {
  const std::string large(3u << 19, 'x');
  session_.begin(Format::webm);
  tell(session_, kReady);
  add(large);
  EXPECT_THAT(said(), testing::SizeIs(6 + 1));  // the first is `publish`

  PublishSession pictures{{}};
  Heard heard;
  pictures.begin(Format::jpeg);
  tell(pictures, kReady);
  pictures.add(as_bytes(large), 40'000);
  EXPECT_THAT(heard.of(pictures), testing::SizeIs(2));
}

TEST_F(Session, AnswersPings) {
  begin_and_send({});
  session_.take({WsOpcode::ping, as_bytes("12345678")});
  EXPECT_THAT(said(), ElementsAre("pong 12345678"));
}

struct Closing {
  const char* error;  // "" = none before it
  unsigned code;
  bool lost;
  const char* reason;
};

TEST_F(Session, KnowsWhichClosesAreWorthAnotherConnection) {
  for (const Closing& c : {Closing{R"({"type":"error","code":"unauthorized","message":"no key"})",
                                   1008, false, "no key (unauthorized)"},
                           Closing{R"({"type":"error","code":"stream-taken","message":"taken"})",
                                   1008, false, "taken (stream-taken)"},
                           Closing{R"({"type":"error","code":"overloaded","message":"full"})", 1013,
                                   true, "full (overloaded)"},
                           Closing{"", 1012, true, "1012"}, Closing{"", 1013, true, "1013"},
                           Closing{"", 1002, false, "1002"},
                           // Nobody said that it is over.
                           Closing{"", 1000, false, "1000"}}) {
    PublishSession session{{}};
    session.begin(Format::webm);
    tell(session, kReady);
    if (*c.error) tell(session, c.error);
    close(session, c.code);
    ASSERT_TRUE(session.end()) << c.reason;
    EXPECT_EQ(session.end()->lost, c.lost) << c.reason;
    EXPECT_THAT(session.end()->reason, HasSubstr(c.reason));
  }
}

}  // namespace
}  // namespace framewire::cli
