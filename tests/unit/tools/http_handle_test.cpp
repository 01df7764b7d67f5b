#include "tools/base/http_handle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace framewire::cli {
namespace {

TEST(HttpHandle, TellsTheServersAnswerFromThatOfSomebodyOnTheWay) {
  const ErrorAnswer own =
      read_error_answer(401, R"({"error":{"code":"unauthorized","message":"a key is needed"}})");
  EXPECT_EQ(own.reason, "a key is needed (401 unauthorized)");
  EXPECT_TRUE(own.by_server);
  for (const char* body : {"", "<h1>Too Large</h1>", "[]", R"({"error":"no"})"}) {
    const ErrorAnswer other = read_error_answer(413, body);
    EXPECT_EQ(other.reason, "the server answered 413") << body;
    EXPECT_FALSE(other.by_server) << body;
  }
}

TEST(HttpHandle, KnowsWhenThereIsNoServerForNow) {
  for (const long status : {502L, 503L, 504L}) EXPECT_TRUE(is_away(status)) << status;
  for (const long status : {0L, 200L, 404L, 413L, 500L, 501L, 505L})
    EXPECT_FALSE(is_away(status)) << status;
}

}  // namespace
}  // namespace framewire::cli
