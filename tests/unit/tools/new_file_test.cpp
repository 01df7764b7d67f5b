#include "tools/base/new_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

namespace framewire::cli {
namespace {

class NewFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "framewire-new-file-" + std::to_string(::getpid());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const char* name) const { return folder_ + "/" + name; }

  std::string folder_;
};

TEST_F(NewFile, IsOnesOwnAsLongAsItIsOpen) {
  const std::string fresh = path("film.mp4.new");
  auto first = open_fresh(fresh);
  ASSERT_TRUE(first);
  EXPECT_FALSE(open_fresh(fresh));
  EXPECT_EQ(errno, EWOULDBLOCK);
  EXPECT_EQ(file_words(errno), "another framewire is writing it");
  first.reset();
  EXPECT_TRUE(open_fresh(fresh));
}

TEST_F(NewFile, OverwritesWhatAKilledOneLeft) {
  const std::string fresh = path("film.mp4.new");
  std::ofstream{fresh} << "half a film";
  EXPECT_TRUE(open_fresh(fresh));
  EXPECT_EQ(std::filesystem::file_size(fresh), 0u);
}

TEST_F(NewFile, IsAnotherOnceItIsInItsPlace) {
  const std::string fresh = path("film.mp4.new"), whole = path("film.mp4");
  const auto first = open_fresh(fresh);
  ASSERT_EQ(::write(first.get(), "film", 4), 4);
  ASSERT_TRUE(put_in_place(fresh, whole, false));
  EXPECT_TRUE(open_fresh(fresh));
  EXPECT_EQ(std::filesystem::file_size(whole), 4u);
}

}  // namespace
}  // namespace framewire::cli
