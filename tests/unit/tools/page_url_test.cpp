#include "tools/render/page_url.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace framewire::cli {
namespace {

TEST(PageUrl, IsAUrlOrAFileThatIsThere) {
  const std::string folder = std::filesystem::canonical(testing::TempDir()).string() +
                             "/framewire-page-url-" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  std::ofstream{folder + "/a b#c?d%20.html"} << "x";
  struct Case {
    std::string page;
    std::string url;  // "" = there is none
  };
  const Case kCases[] = {
      {"http://host/a?b#c", "http://host/a?b#c"},
      {"HTTPS://host/A", "https://host/A"},
      {"data:text/html,X", "data:text/html,X"},
      {folder + "/a b#c?d%20.html", "file://" + folder + "/a%20b%23c%3Fd%2520.html"},
      {folder + "/none.html", ""},
      {folder, ""},
      {"javascript:alert(1)", ""},
      {"", ""},
  };
  for (const Case& one : kCases) {
    const auto url = url_of_page(one.page);
    EXPECT_EQ(url.value_or(""), one.url) << one.page;
    if (!url) {
      EXPECT_EQ(url.error().code, kExitNotFound) << one.page;
    }
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace framewire::cli
