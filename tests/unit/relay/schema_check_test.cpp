// Bodies held against their schemas: what fits, and how what does not is named.
#include "relay/control/schema_check.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "relay/control/schemas.h"

namespace framewire::relay {
namespace {

using nlohmann::json;

struct Case {
  const char* schema;
  std::string body;
  const char* wrong;  // in the sentence; "" = it fits
};

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(SchemaCheck, FitsOrIsNamed) {
  const Case cases[] = {
      {"StreamChange", R"({"title":"x"})", ""},
      {"StreamChange", R"({"title":""})", ""},
      {"StreamChange", R"({"title":"x","more":1})", R"(no member "more" here: title)"},
      {"StreamChange", R"({"title":null})", R"("title" is null, not a string)"},
      {"StreamChange", R"({"title":["x"]})", R"("title" is an array, not a string)"},
      {"StreamChange", R"({})", R"(the member "title" is missing)"},
      {"StreamChange", R"("x")", "the body is a string, not an object"},
      {"StreamChange", R"({"title":"x"} )", ""},
      {"StreamChange", R"({"title":"x"}x)", "no JSON"},
      {"StreamChange", "", "empty"},
      {"StreamChange", R"({"title":"a","title":"b"})", R"("title" is said twice)"},
      {"StreamChange", R"({"title":")" + std::string(1024, 'a') + R"("})", ""},
      {"StreamChange", R"({"title":")" + std::string(1025, 'a') + R"("})", "1025 bytes, at most"},
      {"StreamChange", "{\"title\":\"\xff\"}", "no JSON"},
      {"StreamChange", "{\"\xc3\x28\":1}", "no JSON"},
      {"StreamChange", nested(34), "nested too deep"},
      {"StreamChange", nested(100'000), "nested too deep"},
      {"ChatChange", R"({"slow_ms":0})", ""},
      {"ChatChange", R"({"slow_ms":3600000})", ""},
      {"ChatChange", R"({"slow_ms":3600001})", R"("slow_ms" is more than 3600000)"},
      {"ChatChange", R"({"slow_ms":-1})", R"("slow_ms" is less than 0)"},
      {"ChatChange", R"({"slow_ms":1e3})", R"("slow_ms" is a number, not an integer)"},
      {"ChatChange", R"({"slow_ms":18446744073709551615})", "is more than"},
      {"ChatChange", R"({})", "says nothing"},
      {"ChatChange", R"({"mute":["1-2"],"unmute":[]})", ""},
      {"ChatChange", R"({"mute":[1]})", R"(an item of "mute" is an integer, not a string)"},
      {"ChatChange", R"({"mute":[""]})", R"(an item of "mute" is too short)"},
      {"ConfigChange", R"({"a":1,"b":"x","c":true})", ""},
      {"ConfigChange", R"({"a":1.5})",
       R"("a" is a number, not a string or an integer or a boolean)"},
      {"RecordWish", R"({"record":1})", R"("record" is an integer, not a boolean)"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.body.substr(0, 80));
    const auto read = read_body(c.body, schema_named(c.schema));
    if (*c.wrong == 0) {
      EXPECT_TRUE(read) << read.error().what;
      continue;
    }
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::bad_text);
    EXPECT_NE(read.error().what.find(c.wrong), std::string::npos) << read.error().what;
  }
}

TEST(SchemaCheck, KnowsOneOfAFewValues) {
  const json& role = schema_named("Session")["properties"]["role"];
  EXPECT_FALSE(why_not(role, json("viewer")));
  EXPECT_EQ(why_not(role, json("king")), R"(the body is none of ["publisher","viewer"])");
}

}  // namespace
}  // namespace framewire::relay
