// The recorder's part in uploads: what is offered, over restarts too, and when the file goes.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <nlohmann/json.hpp>

#include "ingest/base/mutex.h"
#include "relay/record/recorder.h"

namespace framewire::relay {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class FakeSink final : public UploadSink {
 public:
  void set_listener(Listener listener) override {
    const Lock lock{mutex_};
    listener_ = std::move(listener);
  }
  bool add(UploadJob job) override {
    const Lock lock{mutex_};
    if (jobs_.size() >= room) return false;
    jobs_[job.id] = job;
    return true;
  }
  void forget(const std::string& id) override {
    const Lock lock{mutex_};
    jobs_.erase(id);
  }
  std::map<std::string, UploadJob> jobs() {
    const Lock lock{mutex_};
    return jobs_;
  }
  void say(const std::string& id, const Upload& now) {
    const Lock lock{mutex_};
    listener_(id, now, true);
  }
  std::size_t room = 100;

 private:
  Mutex mutex_;
  Listener listener_;
  std::map<std::string, UploadJob> jobs_;
};

class RecorderUploads : public testing::Test {
 protected:
  RecorderUploads() {
    std::string folder = fs::temp_directory_path() / "framewire-uploads.XXXXXX";
    config_.record_dir = mkdtemp(folder.data());
    config_.uploads = sink_;
  }
  ~RecorderUploads() override {
    recorder_.reset();
    fs::remove_all(config_.record_dir);
  }
  void add_file(const std::string& id, const std::string& upload) {
    const fs::path dir{config_.record_dir};
    fs::create_directories((dir / id).parent_path());
    fs::create_directories((dir / ".framewire" / id).parent_path());
    std::ofstream{dir / id} << "12345";
    std::ofstream{note_of(id)} << R"({"stream":"cam","upload":)" << upload << "}";
  }
  std::string note_of(const std::string& id) const {
    return config_.record_dir + "/.framewire/" + id + ".json";
  }
  bool is_there(const std::string& id) const {
    return fs::exists(fs::path{config_.record_dir} / id);
  }
  void begin() {
    recorder_ = std::make_unique<Recorder>(
        config_, RecorderDelegate{[](PublisherId, std::string) {}, [](const RecorderCounters&) {},
                                  [this](Event event) { events_.push_back(std::move(event)); }});
  }
  json list(bool uploads_too = true) {
    std::promise<std::string> answer;
    recorder_->list(
        std::nullopt, [&](std::string text) { answer.set_value(std::move(text)); }, uploads_too);
    return json::parse(answer.get_future().get()).at("recordings");
  }
  Recorder::Sending upload(const std::string& id) {
    std::promise<Recorder::Sending> answer;
    recorder_->upload(id, [&](Recorder::Sending sending) { answer.set_value(sending); });
    return answer.get_future().get();
  }
  void end() {
    recorder_->stop();
    recorder_.reset();
  }

  Config config_;
  std::shared_ptr<FakeSink> sink_ = std::make_shared<FakeSink>();
  std::vector<Event> events_;  // the recorder's thread's; looked at when that has ended
  std::unique_ptr<Recorder> recorder_;
};

Upload in_state(UploadState state, bool confirmed = true) {
  Upload out;
  out.state = state;
  out.tries = 3;
  out.url = "https://a.example/cam/a.ts";
  out.confirmed = out.sent = confirmed;
  return out;
}

TEST_F(RecorderUploads, WhatWasNotSentIsTakenUpAgain) {
  add_file("cam/a.ts", R"({"state":"waiting","tries":9,"url":"https://a.example/x",
      "parts":{"id":"7","bytes":5242880,"etags":["e1","e2"]}})");
  add_file("cam/b.ts", R"({"state":"failed","error":"403"})");
  add_file("cam/c.ts", R"({"state":"done","confirmed":true})");
  add_file("cam/d.ts", "null");
  begin();
  EXPECT_EQ(list().size(), 4u);
  const auto jobs = sink_->jobs();
  ASSERT_EQ(jobs.size(), 2u) << "neither what is there nor what was recorded without";
  const UploadJob& first = jobs.at("cam/a.ts");
  EXPECT_EQ(first.path, config_.record_dir + "/cam/a.ts");
  EXPECT_EQ(first.stream, "cam");
  EXPECT_EQ(first.bytes, 5u);
  EXPECT_EQ(first.content_type, "video/mp2t");
  EXPECT_EQ(first.so_far.parts, (UploadParts{"7", 5u << 20, {"e1", "e2"}}));
  EXPECT_EQ(first.so_far.tries, 0u);
  EXPECT_TRUE(jobs.count("cam/b.ts"));
}

TEST_F(RecorderUploads, TheListShowsThemToManagersOnly) {
  add_file("cam/a.ts", R"({"state":"waiting"})");
  begin();
  list();
  Upload now = in_state(UploadState::waiting);
  now.bytes = 2;
  now.error = "503";
  sink_->say("cam/a.ts", now);
  EXPECT_EQ(list()[0]["upload"], json::parse(R"({"state":"waiting","bytes":2,"of":5,"tries":3,
      "url":"https://a.example/cam/a.ts","error":"503"})"));
  EXPECT_FALSE(list(false)[0].contains("upload"));
}

TEST_F(RecorderUploads, TheFileGoesOnceTheServerHasAllOfIt) {
  struct Row {
    const char* what;
    bool rule, confirmed, grown, another, goes;
  };
  const Row rows[] = {
      {"kept by the rule", false, true, false, false, false},
      {"as it should be", true, true, false, false, true},
      {"its size there is not known", true, false, false, false, false},
      {"it has changed here", true, true, true, false, false},
      {"another of its size is here", true, true, false, true, false},
  };
  for (const Row& row : rows) {
    config_.upload_then_remove = row.rule;
    events_.clear();
    add_file("cam/a.ts", R"({"state":"waiting"})");
    begin();
    list();
    if (row.grown) std::ofstream{config_.record_dir + "/cam/a.ts", std::ios::app} << "6";
    Upload done = in_state(UploadState::done, row.confirmed);
    if (row.another) done.modified_ns = 1;
    sink_->say("cam/a.ts", done);
    const json after = list();
    EXPECT_EQ(after.size(), row.goes ? 0u : 1u) << row.what;
    end();
    EXPECT_EQ(is_there("cam/a.ts"), !row.goes) << row.what;
    EXPECT_EQ(fs::exists(note_of("cam/a.ts")), !row.goes) << row.what;
    ASSERT_EQ(events_.size(), 1u) << row.what;
    EXPECT_EQ(events_[0].type, "upload-finish");
    EXPECT_EQ(events_[0].stream, "cam");
    EXPECT_EQ(json::parse(events_[0].data).at("removed"), row.goes) << row.what;
    if (row.rule && !row.goes) {
      EXPECT_EQ(after[0]["upload"]["error"].get<std::string>().rfind("kept here", 0), 0u);
    }
  }
}

TEST_F(RecorderUploads, AFailureIsTold_KeptAndTriedAgainByTheApi) {
  config_.upload_then_remove = true;
  add_file("cam/a.ts", R"({"state":"waiting"})");
  begin();
  list();
  Upload now = in_state(UploadState::failed, false);
  now.error = "it was answered with 403";
  sink_->say("cam/a.ts", now);
  EXPECT_EQ(list()[0]["upload"]["state"], "failed");
  sink_->forget("cam/a.ts");
  EXPECT_EQ(upload("cam/a.ts"), Recorder::Sending::begun);
  EXPECT_EQ(sink_->jobs().at("cam/a.ts").so_far, Upload{});
  EXPECT_EQ(upload("cam/none.ts"), Recorder::Sending::unknown);
  end();
  EXPECT_TRUE(is_there("cam/a.ts"));
  ASSERT_EQ(events_.size(), 1u);
  EXPECT_EQ(events_[0].type, "upload-failed");
  EXPECT_EQ(json::parse(events_[0].data).at("error"), "it was answered with 403");
}

TEST_F(RecorderUploads, ADeletedOneIsForgotten) {
  add_file("cam/a.ts", R"({"state":"waiting"})");
  begin();
  std::promise<void> removed;
  recorder_->remove("cam/a.ts", [&](Recorder::Removal) { removed.set_value(); });
  removed.get_future().wait();
  EXPECT_TRUE(sink_->jobs().empty());
}

TEST_F(RecorderUploads, WithoutUploadsTheNoteStaysAndNothingIsShown) {
  add_file("cam/a.ts", R"({"state":"waiting"})");
  config_.uploads = nullptr;
  begin();
  EXPECT_FALSE(list()[0].contains("upload"));
  EXPECT_EQ(upload("cam/a.ts"), Recorder::Sending::nowhere);
  end();
  config_.uploads = sink_;
  begin();
  list();
  EXPECT_EQ(sink_->jobs().size(), 1u);
}

}  // namespace
}  // namespace framewire::relay
