// What others ask of the recorder: the list, and ranges cut out.
#include "relay/record/recorder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>

namespace framewire::relay {
namespace {

namespace fs = std::filesystem;

class RecorderTest : public testing::Test {
 protected:
  RecorderTest() {
    std::string folder = fs::temp_directory_path() / "framewire-recorder.XXXXXX";
    config_.record_dir = mkdtemp(folder.data());
  }
  ~RecorderTest() override {
    recorder_.reset();
    fs::remove_all(config_.record_dir);
  }
  void add_file(const std::string& id, std::size_t bytes) {
    fs::create_directories((fs::path{config_.record_dir} / id).parent_path());
    std::ofstream{fs::path{config_.record_dir} / id} << std::string(bytes, 'x');
  }
  Recorder& begin() {
    recorder_ = std::make_unique<Recorder>(
        config_, RecorderDelegate{[](PublisherId, std::string) {}, [](const RecorderCounters&) {}});
    return *recorder_;
  }
  nlohmann::json list(std::optional<std::string> stream) {
    std::promise<std::string> answer;
    recorder_->list(std::move(stream),
                    [&](std::string json) { answer.set_value(std::move(json)); });
    return nlohmann::json::parse(answer.get_future().get()).at("recordings");
  }

  Config config_;
  std::unique_ptr<Recorder> recorder_;
};

TEST_F(RecorderTest, TheListIsWrittenOnItsOwnThread) {
  add_file("cam/a.ts", 5);
  add_file("cam/b.ts", 6);
  add_file("other/c.ts", 7);
  Recorder& recorder = begin();
  EXPECT_EQ(list(std::nullopt).size(), 3u);
  EXPECT_EQ(list("other").at(0).at("id"), "other/c.ts");
  EXPECT_EQ(list("nobody").size(), 0u);
  std::promise<std::thread::id> wrote;
  recorder.list(std::nullopt, [&](std::string) { wrote.set_value(std::this_thread::get_id()); });
  EXPECT_NE(wrote.get_future().get(), std::this_thread::get_id());
}

TEST_F(RecorderTest, SoManyRangesAtATimeUntilTheirsAreRead) {
  config_.max_cuts = 2;
  Recorder& recorder = begin();
  std::promise<void> first_may_end;
  std::promise<Errc> first;
  ASSERT_TRUE(recorder.cut("none.ts", 0, 1, [&](Result<Recorder::Cut> cut) {
    first_may_end.get_future().wait();
    first.set_value(cut.error().code);
  }));
  std::promise<void> second;
  ASSERT_TRUE(recorder.cut("none.ts", 0, 1, [&](Result<Recorder::Cut>) { second.set_value(); }));
  EXPECT_FALSE(recorder.cut("none.ts", 0, 1, [](Result<Recorder::Cut>) {})) << "two are being cut";
  first_may_end.set_value();
  EXPECT_NE(first.get_future().get(), Errc::limit_exceeded);
  second.get_future().wait();
  // Their places are free again a moment after they were told.
  while (!recorder.cut("none.ts", 0, 1, [](Result<Recorder::Cut>) {})) std::this_thread::yield();
}

TEST(CutBudget, HoldsBytesUntilTheShareGoes) {
  CutBudget budget{3, 100};
  auto big = budget.take(), small = budget.take();
  EXPECT_TRUE(big->hold(500)) << "alone it may be as large as it is";
  EXPECT_FALSE(small->hold(1));
  EXPECT_TRUE(big->hold(60)) << "what was made is less than the whole";
  EXPECT_TRUE(small->hold(40));
  EXPECT_FALSE(small->hold(41));
  auto third = budget.take();
  ASSERT_TRUE(third);
  EXPECT_FALSE(third->hold(1));
  EXPECT_FALSE(budget.take()) << "three are the limit";
  big.reset();
  EXPECT_TRUE(third->hold(60));
  EXPECT_TRUE(budget.take());
}

}  // namespace
}  // namespace framewire::relay
