// A feed's parts on their way into files: where one ends and the next begins.
#include "relay/record/recording.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace framewire::relay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
namespace fs = std::filesystem;

class FakePort final : public RecordingDelegate {
 public:
  void on_file_begun(const RecordingInfo& info, std::shared_ptr<PartFile>) override {
    begun.push_back(info.id);
  }
  void on_file_ended(const RecordingInfo& info, bool empty, PublisherId) override {
    ended.push_back(info.id);
    if (empty) ++empties;
  }
  void on_fault(const std::string&, const RecordError& error, PublisherId) override {
    faults.emplace_back(to_string(error.fault));
  }
  void on_dropped(std::uint64_t parts) override { dropped += parts; }
  void on_written(std::uint64_t bytes) override { written += bytes; }

  std::vector<std::string> begun, ended, faults;
  int empties = 0;
  std::uint64_t dropped = 0, written = 0;
};

class RecordingTest : public testing::Test {
 protected:
  RecordingTest() {
    std::string folder = fs::temp_directory_path() / "framewire-recording.XXXXXX";
    dir_ = mkdtemp(folder.data());
    config_.record_dir = dir_;
    config_.record_name = "film";
    config_.record_inbox_bytes = 1u << 20;
  }
  ~RecordingTest() override { fs::remove_all(dir_); }

  void begin() {
    feed_ = std::make_shared<RecordFeed>("cam", config_.record_inbox_bytes, [] {});
    recording_ = std::make_unique<Recording>(config_, port_, feed_);
  }
  void epoch(Format format, const std::vector<TrackInfo>& tracks = {{TrackKind::video, "vp8"}},
             bool joiners_only = false) {
    EpochInfo info;
    info.format = format;
    info.tracks = tracks;
    PartFacts facts;
    facts.init = true;
    facts.joiners_only = joiners_only;
    ++number_;
    const PartPtr init = Part::make(facts, as_bytes("I" + std::to_string(number_)));
    epoch_ = std::make_shared<const Epoch>(Epoch{number_, info, init});
    feed_->append({init, epoch_});
  }
  void part(std::string_view text, bool group_start, std::int64_t pts_us = 0) {
    PartFacts facts;
    facts.group_start = group_start;
    facts.pts_us = pts_us;
    feed_->append({Part::make(facts, as_bytes(text)), epoch_});
  }
  std::string text_of(const std::string& id) const {
    std::ifstream in{dir_ + "/" + id + ".part"};
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }

  std::string dir_;
  Config config_;
  FakePort port_;
  std::shared_ptr<RecordFeed> feed_;
  std::unique_ptr<Recording> recording_;
  EpochPtr epoch_;
  std::uint32_t number_ = 0;
};

TEST_F(RecordingTest, AppendsWhatWasPublished) {
  begin();
  epoch(Format::webm);
  part(" a", true);
  recording_->turn();
  EXPECT_EQ(text_of("film.webm"), "I1 a");
  part(" b", false);
  feed_->close();
  recording_->turn();
  EXPECT_TRUE(recording_->over());
  EXPECT_EQ(text_of("film.webm"), "I1 a b");
  EXPECT_THAT(port_.ended, ElementsAre("film.webm"));
  EXPECT_EQ(port_.empties, 0);
  EXPECT_EQ(port_.written, 6u);
}

TEST_F(RecordingTest, BegunInTheMiddleItWaitsForAGroup) {
  begin();
  epoch(Format::webm);
  (void)feed_->take();  // the init segment went by before
  part(" a", false);
  part(" b", true);
  part(" c", false);
  recording_->turn();
  EXPECT_EQ(text_of("film.webm"), "I1 b c");
}

TEST_F(RecordingTest, SegmentsBeginAtGroups) {
  config_.record_segment_time = std::chrono::seconds{2};
  begin();
  epoch(Format::webm);
  part(" a", true, 0);
  part(" b", true, 1'000'000);
  part(" c", false, 2'500'000);
  part(" d", true, 3'000'000);
  recording_->turn();
  EXPECT_EQ(text_of("film.webm"), "I1 a b c");
  EXPECT_EQ(text_of("film-2.webm"), "I1 d");
}

TEST_F(RecordingTest, SegmentsBySize) {
  config_.record_segment_bytes = 5;
  begin();
  epoch(Format::webm);
  part(" aaa", true);
  part(" bbb", true);
  recording_->turn();
  EXPECT_THAT(port_.begun, ElementsAre("film.webm", "film-2.webm"));
}

TEST_F(RecordingTest, AnEpochIsANewFileUnlessTheFormatHoldsMany) {
  begin();
  epoch(Format::webm);
  part(" a", true);
  epoch(Format::webm);
  part(" b", true);
  recording_->turn();
  EXPECT_EQ(text_of("film.webm"), "I1 a");
  EXPECT_EQ(text_of("film-2.webm"), "I2 b");
  epoch(Format::mpegts);
  part(" c", true);
  epoch(Format::mpegts);
  part(" d", true);
  recording_->turn();
  EXPECT_EQ(text_of("film.ts"), "I3 cI4 d");
}

TEST_F(RecordingTest, AnotherCodecIsANewFile) {
  const TrackInfo avc{TrackKind::video, "avc1.64001F"};
  begin();
  epoch(Format::mpegts, {avc, {TrackKind::audio, "mp4a.40.2"}});
  part(" a", true);
  // Another profile, or a sound that comes or goes, is the same film.
  epoch(Format::mpegts, {{TrackKind::video, "avc1.42E01E"}, {TrackKind::audio, "mp4a.40.5"}}, true);
  part(" b", true);
  epoch(Format::mpegts, {avc}, true);
  part(" c", true);
  epoch(Format::mpegts, {avc, {TrackKind::audio, "mp4a.40.2"}}, true);
  part(" d", true);
  epoch(Format::mpegts, {avc, {TrackKind::audio, "mp4a.6B"}}, true);
  part(" e", true);
  epoch(Format::mpegts, {{TrackKind::video, "hvc1.1.6.L93.B0"}, {TrackKind::audio, "mp4a.6B"}});
  part(" f", true);
  recording_->turn();
  EXPECT_EQ(text_of("film.ts"), "I1 a b c d");
  EXPECT_EQ(text_of("film-2.ts"), "I5 e");
  EXPECT_EQ(text_of("film-3.ts"), "I6 f");
}

TEST_F(RecordingTest, AnInitAloneIsEmpty) {
  begin();
  epoch(Format::webm);
  feed_->close();
  recording_->turn();
  EXPECT_EQ(port_.empties, 1);
}

TEST_F(RecordingTest, ADiskThatIsTooSlowLeavesAGapBetweenFiles) {
  config_.record_inbox_bytes = 3'000;
  begin();
  epoch(Format::webm);
  part(std::string(1'500, 'a'), true);
  part(std::string(1'500, 'b'), false);  // does not fit
  part("c", false);                      // nor is it taken, for b is missing
  recording_->turn();
  part("d", false);
  part(" e", true);
  recording_->turn();
  EXPECT_EQ(text_of("film.webm"), "I1" + std::string(1'500, 'a'));
  EXPECT_EQ(text_of("film-2.webm"), "I1 e");
  EXPECT_THAT(port_.faults, ElementsAre("disk-too-slow"));
  EXPECT_EQ(port_.dropped, 3u);
}

TEST_F(RecordingTest, WhatNoFileIsMadeOfIsSaidOnce) {
  begin();
  epoch(Format::binary);
  part("a", true);
  part("b", true);
  recording_->turn();
  EXPECT_THAT(port_.begun, IsEmpty());
  EXPECT_THAT(port_.faults, ElementsAre("unsupported-format"));
}

TEST_F(RecordingTest, AFilmThatCannotBeMadeIsSaid) {
  begin();
  feed_->refuse("nothing is encoded here");
  EXPECT_TRUE(feed_->closed());
  recording_->turn();
  EXPECT_THAT(port_.begun, IsEmpty());
  EXPECT_THAT(port_.faults, ElementsAre("unsupported-format"));
  EXPECT_TRUE(recording_->over());
}

TEST_F(RecordingTest, AFolderThatCannotBeMadeEndsIt) {
  config_.record_dir = "/proc/no-such-folder";
  begin();
  epoch(Format::webm);
  part("a", true);
  recording_->turn();
  EXPECT_THAT(port_.faults, ElementsAre("disk-unwritable"));
  EXPECT_TRUE(recording_->over());
  EXPECT_TRUE(feed_->failed());
}

TEST_F(RecordingTest, AWriteThatFailsLeavesWholeParts) {
  begin();
  epoch(Format::webm);
  part(" a", true);
  recording_->turn();
  // As a full disk does: the next write is cut short, and the one after refused.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{8, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  part(" b", false);
  part(" too much", false);
  recording_->turn();
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(text_of("film.webm"), "I1 a b");
  EXPECT_THAT(port_.faults, ElementsAre("disk-error"));
  EXPECT_THAT(port_.ended, ElementsAre("film.webm"));
}

}  // namespace
}  // namespace framewire::relay
