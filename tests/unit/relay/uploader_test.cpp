// The order of uploads, what is tried again, given up, forgotten and gone on with. No network: the
// sender is a script.
#include "relay/fetch/uploader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace framewire::relay {
namespace {

using Kind = UploadResult::Kind;
using testing::ElementsAre;

// What all threads say, for one who waits for it.
class Told {
 public:
  void say(std::string what) {
    const std::lock_guard lock{mutex_};
    said_.push_back(std::move(what));
    changed_.notify_all();
  }
  std::vector<std::string> until(const std::string& last) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return std::find(said_.begin(), said_.end(), last) != said_.end(); });
    return said_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> said_;
};

class Script final : public UploadSender {
 public:
  explicit Script(Told& told) : told_(told) {}
  UploadResult send(const UploadJob& job, Upload& now, const UploadContext& context) override {
    told_.say("send " + job.id);
    now.url = "https://a.example/" + job.id;
    if (job.id == "endless") {
      now.parts = {"7", 5, {"e"}};
      context.tell(now, true);
      while (!context.stop()) std::this_thread::yield();
      return {Kind::stopped};
    }
    const std::lock_guard lock{mutex_};
    if (outcomes.empty()) return {Kind::done};
    UploadResult out = outcomes.front();
    outcomes.pop_front();
    return out;
  }
  void abandon(const Upload& now, const UploadContext&) override {
    if (!now.parts.id.empty()) told_.say("abandon " + now.parts.id);
  }
  std::deque<UploadResult> outcomes;

 private:
  Told& told_;
  std::mutex mutex_;
};

class Uploads : public testing::Test {
 protected:
  Uploader& begin(std::vector<UploadResult> outcomes, Uploader::Limits limits = {}) {
    auto script = std::make_unique<Script>(told_);
    script->outcomes.assign(outcomes.begin(), outcomes.end());
    limits.pause = [](unsigned) { return Duration{0}; };
    uploader_ = std::make_unique<Uploader>(std::move(script), limits);
    return *uploader_;
  }
  void follow() {
    uploader_->set_listener([this](const std::string& id, const Upload& now, bool lasting) {
      if (!lasting) return;
      told_.say(id + " " + std::string{to_string(now.state)} + " " + std::to_string(now.tries) +
                (now.error.empty() ? "" : " " + now.error));
    });
  }
  static UploadJob job(std::string id) {
    UploadJob out;
    out.id = std::move(id);
    return out;
  }
  Told told_;
  std::unique_ptr<Uploader> uploader_;
};

TEST_F(Uploads, NothingIsSentBeforeSomebodyFollows) {
  begin({});
  EXPECT_TRUE(uploader_->add(job("a")));
  follow();
  EXPECT_THAT(told_.until("a done 1"), ElementsAre("send a", "a done 1"));
}

TEST_F(Uploads, WhatFailsIsTriedAgainAndTold) {
  begin({{Kind::again, "503"}, {Kind::again, "cut"}});
  follow();
  uploader_->add(job("a"));
  EXPECT_THAT(told_.until("a done 3"), ElementsAre("send a", "a waiting 1 503", "send a",
                                                   "a waiting 2 cut", "send a", "a done 3"));
}

TEST_F(Uploads, WhatCannotSucceedIsGivenUpAtOnce) {
  begin({{Kind::failed, "403"}});
  follow();
  uploader_->add(job("a"));
  EXPECT_THAT(told_.until("a failed 1 403"), ElementsAre("send a", "a failed 1 403"));
  uploader_->add(job("a"));  // by the API
  told_.until("a done 1");
}

TEST_F(Uploads, TriesHaveAnEnd) {
  Uploader::Limits limits;
  limits.give_up = Duration{0};
  begin({{Kind::again, "503"}}, limits);
  follow();
  uploader_->add(job("a"));
  EXPECT_THAT(told_.until("a failed 1 503"), ElementsAre("send a", "a failed 1 503"));
}

TEST_F(Uploads, SoManyWait) {
  Uploader::Limits limits;
  limits.queue = 2;
  begin({}, limits);
  EXPECT_TRUE(uploader_->add(job("a")));
  EXPECT_TRUE(uploader_->add(job("b")));
  EXPECT_FALSE(uploader_->add(job("c")));
  EXPECT_TRUE(uploader_->add(job("b"))) << "it waits already";
  uploader_->forget("a");
  EXPECT_TRUE(uploader_->add(job("c")));
  follow();
  told_.until("c done 1");
  told_.until("b done 1");
}

TEST_F(Uploads, OneThatIsForgottenIsGivenUpAndItsPartsToo) {
  begin({});
  follow();
  uploader_->add(job("endless"));
  told_.until("endless sending 1");  // its first part is there
  uploader_->forget("endless");
  told_.until("abandon 7");
  uploader_->add(job("b"));
  told_.until("b done 1");
}

TEST_F(Uploads, OneThatWaitsIsForgottenWithItsParts) {
  begin({});
  UploadJob begun = job("a");
  begun.so_far.parts = {"9", 5, {}};
  uploader_->add(begun);
  uploader_->forget("a");
  follow();
  EXPECT_THAT(told_.until("abandon 9"), ElementsAre("abandon 9"));
}

TEST_F(Uploads, AnEndStopsWhatIsUnderWay) {
  begin({});
  follow();
  uploader_->add(job("endless"));
  told_.until("send endless");
  uploader_->set_listener({});
  uploader_.reset();  // or it hangs here
}

}  // namespace
}  // namespace framewire::relay
