#include "relay/http/byte_range.h"

#include <gtest/gtest.h>

#include <string>

namespace framewire::relay {
namespace {

using Answer = ByteRange::Answer;

struct Case {
  const char* name;
  std::string_view range, if_range;
  Answer answer;
  std::uint64_t from = 0, size = 1000;
};

class Ranges : public testing::TestWithParam<Case> {};

TEST_P(Ranges, OfAFileOf1000Bytes) {
  const Case& c = GetParam();
  const ByteRange got = judge_range(c.range, c.if_range, "\"tag\"", 1000);
  EXPECT_EQ(got.answer, c.answer);
  EXPECT_EQ(got.from, c.from);
  EXPECT_EQ(got.size, c.size);
}

INSTANTIATE_TEST_SUITE_P(
    All, Ranges,
    testing::Values(Case{"none", "", "", Answer::whole},
                    Case{"first", "bytes=0-0", "", Answer::part, 0, 1},
                    Case{"middle", "bytes=10-19", "", Answer::part, 10, 10},
                    Case{"open", "bytes=990-", "", Answer::part, 990, 10},
                    Case{"all", "bytes=0-", "", Answer::part, 0, 1000},
                    Case{"past_the_end", "bytes=990-5000", "", Answer::part, 990, 10},
                    Case{"last", "bytes=-10", "", Answer::part, 990, 10},
                    Case{"more_than_all", "bytes=-5000", "", Answer::part, 0, 1000},
                    Case{"beyond", "bytes=1000-", "", Answer::unsatisfiable, 0, 0},
                    Case{"last_none", "bytes=-0", "", Answer::unsatisfiable, 0, 0},
                    Case{"same_file", "bytes=0-9", "\"tag\"", Answer::part, 0, 10},
                    Case{"other_file", "bytes=0-9", "\"old\"", Answer::whole},
                    Case{"date", "bytes=0-9", "Sun, 22 Nov 2026 10:00:00 GMT", Answer::whole},
                    Case{"several", "bytes=0-9,20-29", "", Answer::whole},
                    Case{"backwards", "bytes=9-0", "", Answer::whole},
                    Case{"other_unit", "lines=0-9", "", Answer::whole},
                    Case{"no_dash", "bytes=5", "", Answer::whole},
                    Case{"dash_alone", "bytes=-", "", Answer::whole},
                    Case{"too_big", "bytes=99999999999999999999-", "", Answer::whole},
                    Case{"words", "bytes=a-b", "", Answer::whole}),
    [](const auto& tested) { return std::string{tested.param.name}; });

TEST(ByteRange, OfAnEmptyFile) {
  EXPECT_EQ(judge_range("bytes=0-", "", "", 0).answer, Answer::unsatisfiable);
  EXPECT_EQ(judge_range("", "", "", 0).size, 0u);
}

}  // namespace
}  // namespace framewire::relay
