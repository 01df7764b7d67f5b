#include "tools/media/body_judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace framewire::cli {
namespace {

using std::chrono::milliseconds;

constexpr News kNoAnswer{};
constexpr News kNobody{.known = true};
constexpr News kLive{.known = true, .live = true};

struct Case {
  const char* name;
  milliseconds sent_for;
  News news;
  BodyFate fate;
};

class BodyJudgeTable : public testing::TestWithParam<Case> {};

TEST_P(BodyJudgeTable, SaysWhatBecomesOfTheBody) {
  const Case& c = GetParam();
  EXPECT_EQ(judge_body(c.sent_for, c.news), c.fate);
}

INSTANTIATE_TEST_SUITE_P(
    All, BodyJudgeTable,
    testing::Values(Case{"just_sent", milliseconds{0}, kNoAnswer, BodyFate::unknown},
                    Case{"live_at_once", milliseconds{0}, kLive, BodyFate::arrives},
                    Case{"nobody_yet", milliseconds{100}, kNobody, BodyFate::unknown},
                    Case{"nobody_for_almost_too_long", kHeldAfter - milliseconds{1}, kNobody,
                         BodyFate::unknown},
                    Case{"nobody_for_too_long", kHeldAfter, kNobody, BodyFate::held},
                    Case{"live_in_the_end", kHeldAfter + milliseconds{500}, kLive,
                         BodyFate::arrives},
                    // Who cannot be asked says nothing against it: it goes on as it always did.
                    Case{"no_answer_for_too_long", kHeldAfter, kNoAnswer, BodyFate::arrives}),
    [](const auto& row) { return std::string{row.param.name}; });

struct Refusal {
  long status;
  bool by_proxy;
  bool for_body;
};

TEST(BodyJudge, KnowsWhoRefusesABodyForWhatItIs) {
  for (const Refusal& c :
       {Refusal{413, true, true}, Refusal{411, true, true}, Refusal{501, true, true},
        Refusal{408, true, true}, Refusal{400, true, true},
        // The server's own words are the last ones.
        Refusal{413, false, false}, Refusal{400, false, false}, Refusal{401, false, false},
        // Short requests would fare no better.
        Refusal{403, true, false}, Refusal{407, true, false}, Refusal{502, true, false},
        Refusal{0, false, false}}) {
    TransferEnd end;
    end.status = c.status;
    end.by_proxy = c.by_proxy;
    EXPECT_EQ(refused_for_body(end), c.for_body) << c.status << " " << c.by_proxy;
  }
}

TEST(StreamNews, AreReadFromTheServersAnswerAlone) {
  const News live = read_news(200, R"({"name":"cam","state":"live","viewers":3})");
  EXPECT_TRUE(live.known && live.live);
  EXPECT_EQ(live.viewers, 3u);
  // A publisher that was lost is not the one that is looked for.
  for (const char* state : {"lingering", "waiting"}) {
    const News news = read_news(200, std::string{R"({"state":")"} + state + R"("})");
    EXPECT_TRUE(news.known && !news.live) << state;
  }
  const News none = read_news(404, R"({"error":{"code":"not-found","message":"no stream"}})");
  EXPECT_TRUE(none.known && !none.live);
  for (const auto& [status, body] : {std::pair{404L, "<h1>Not Found</h1>"},
                                     {200L, "<p>Please log in</p>"},
                                     {200L, "{}"},
                                     {401L, R"({"error":{"code":"unauthorized","message":"no"}})"},
                                     {502L, ""},
                                     {200L, "[1]"}})
    EXPECT_FALSE(read_news(status, body).known) << status << " " << body;
}

}  // namespace
}  // namespace framewire::cli
