#include "tools/base/nearest.h"

#include <gtest/gtest.h>

#include <vector>

namespace framewire::cli {
namespace {

TEST(Nearest, IsWhatWasMeantOrNothing) {
  const std::vector<std::string> words = {"--listen", "--linger", "--publish-key",
                                          "--record", "--open",   "--record-dir"};
  const std::pair<const char*, const char*> rows[] = {
      {"--lisen", "--listen"},
      {"--publish-kye", "--publish-key"},
      {"--recrod", "--record"},
      {"--recorddir", "--record-dir"},
      {"--opne", "--open"},
      {"--lingr", "--linger"},
      {"--port", ""},
      {"--no-such-flag", ""},
      {"-x", ""},
      {"", ""},
  };
  for (const auto& [word, meant] : rows)
    EXPECT_EQ(nearest(word, words).value_or(""), meant) << word;
  EXPECT_EQ(did_you_mean("--opne", words), " (did you mean --open?)");
  EXPECT_EQ(did_you_mean("--never", words), "");
  EXPECT_FALSE(nearest(std::string(100'000, 'a'), words));
}

}  // namespace
}  // namespace framewire::cli
