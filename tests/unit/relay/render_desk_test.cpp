// The queue of films of pages, with a shell script in the place of `framewire render`.
#include "relay/render/render_desk.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "relay/control/schema_check.h"
#include "relay/control/schemas.h"

namespace framewire::relay {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

// What the page's text says is what it does. A film is two bytes of a JPEG, which the recorder
// takes as it is.
constexpr const char* kScript = R"sh(#!/bin/sh
for word in "$@"; do case "$word" in --out=*) out="${word#--out=}";; esac; done
echo '{"type":"film","frames":3,"width":2,"height":2,"fps":30}' >&2
case "$(cat "$FRAMEWIRE_RENDER_PAGE")" in
  good) printf '\377\330\377\340\000\020JFIF\000' > "$out";;
  bad) echo '{"type":"page","text":"page.html:7:1: a warning"}' >&2
       echo '{"type":"failed","code":1,"message":"page.html:8:2: Error: gone"}' >&2; exit 1;;
  usage) echo 'framewire: how long is the film?' >&2; exit 2;;
  dies) kill -9 $$;;
  large) echo large > "$out.new"; exec sleep 1000;;
  *) exec sleep 1000;;
esac
)sh";

class RenderDeskTest : public testing::Test {
 protected:
  RenderDeskTest() {
    std::string folder = fs::temp_directory_path() / "framewire-desk.XXXXXX";
    folder_ = mkdtemp(folder.data());
    config_.render = true;
    config_.record_dir = folder_ + "/films";
    std::ofstream{folder_ + "/render"} << kScript;
    ::chmod((folder_ + "/render").c_str(), 0700);
    start();
  }
  ~RenderDeskTest() override {
    end();
    fs::remove_all(folder_);
  }
  void start() {
    recorder_ = std::make_unique<Recorder>(
        config_, RecorderDelegate{[](PublisherId, std::string) {}, [](const RecorderCounters&) {}});
    desk_ = std::make_unique<RenderDesk>(
        config_, *recorder_,
        [this](const Event& event) {
          const Lock lock{mutex_};
          events_.push_back(event.type);
        },
        folder_ + "/render");
  }
  void end() {
    desk_.reset();
    recorder_.reset();
  }

  template <class Call>
  Result<std::string> answer_of(Call call) {
    std::promise<Result<std::string>> answer;
    call([&](const Result<std::string>& given) { answer.set_value(given); });
    return answer.get_future().get();
  }
  Result<std::string> begin(const std::string& page) {
    return answer_of([&](auto answer) {
      desk_->begin(json{{"html", page}, {"title", page}}.dump(), answer);
    });
  }
  std::uint64_t id_of_begun(const std::string& page) {
    const auto begun = begin(page);
    EXPECT_TRUE(begun) << begun.error().what;
    return begun ? json::parse(*begun)["id"].get<std::uint64_t>() : 0;
  }
  json look(std::uint64_t id) {
    const auto found = answer_of([&](auto answer) { desk_->look(id, answer); });
    return found ? json::parse(*found) : json{{"state", "none"}};
  }
  json until(std::uint64_t id, const std::string& state) {
    json now = look(id);
    for (; now["state"] != state; now = look(id)) {
      if (now["state"] == "failed" || now["state"] == "none") break;
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    EXPECT_EQ(now["state"], state) << now.dump();
    EXPECT_EQ(why_not(schema_named("Render"), now), std::nullopt) << now.dump();
    return now;
  }
  std::vector<std::uint64_t> listed(RenderQuery query = {}) {
    const auto all = answer_of([&](auto answer) { desk_->list(query, answer); });
    std::vector<std::uint64_t> out;
    const json page = json::parse(*all);
    for (const json& one : page["renders"]) out.push_back(one["id"]);
    return out;
  }
  Result<std::string> cancel(std::uint64_t id) {
    return answer_of([&](auto answer) { desk_->cancel(id, answer); });
  }
  std::vector<std::string> events() {
    const Lock lock{mutex_};
    return events_;
  }
  bool has_folder(std::uint64_t id) {
    return fs::exists(fmt::format("{}/.framewire/.renders/{}", config_.record_dir, id));
  }

  Config config_;
  std::string folder_;
  Mutex mutex_;
  std::vector<std::string> events_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<RenderDesk> desk_;
};

TEST_F(RenderDeskTest, AFilmBecomesARecording) {
  const auto id = id_of_begun("good");
  const json film = until(id, "done");
  EXPECT_EQ(film["frames"], 3);
  EXPECT_EQ(film["title"], "good");
  EXPECT_EQ(film["url"], fmt::format("/recordings/render/{}.mp4", id));
  EXPECT_TRUE(fs::exists(fmt::format("{}/render/{}.mp4", config_.record_dir, id)));
  EXPECT_FALSE(has_folder(id));
  EXPECT_THAT(events(), ElementsAre("render-finish"));
  std::promise<json> recordings;
  recorder_->list("render", [&](std::string text) { recordings.set_value(json::parse(text)); });
  const json listed = recordings.get_future().get()["recordings"];
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0]["title"], "good");
  EXPECT_EQ(listed[0]["state"], "done");
}

TEST_F(RenderDeskTest, SaysWhyThereIsNone) {
  struct Case {
    const char* page;
    const char* code;
    const char* what;
  };
  for (const Case& one : {Case{"bad", "page-failed", "page.html:8:2: Error: gone"},
                          {"usage", "bad-wish", "how long is the film?"},
                          {"dies", "crashed", "signal 9"}}) {
    const auto id = id_of_begun(one.page);
    const json film = until(id, "failed");
    EXPECT_EQ(film["error"]["code"], one.code);
    EXPECT_THAT(film["error"]["message"], HasSubstr(one.what));
    EXPECT_FALSE(has_folder(id));
  }
  EXPECT_EQ(look(listed().back())["said"], json::array({"page.html:7:1: a warning"}));
  EXPECT_THAT(events(), ElementsAre("render-failed", "render-failed", "render-failed"));
}

TEST_F(RenderDeskTest, OneAtATimeAndSoManyWait) {
  end();
  config_.render_queue = 2;
  start();
  const auto first = id_of_begun("long");
  until(first, "running");
  const auto second = id_of_begun("long"), third = id_of_begun("long");
  EXPECT_EQ(look(second)["state"], "queued");
  const auto fourth = begin("long");
  ASSERT_FALSE(fourth);
  EXPECT_EQ(fourth.error().code, Errc::limit_exceeded);
  EXPECT_THAT(fourth.error().what, HasSubstr("--render-queue"));
  EXPECT_THAT(listed(), ElementsAre(third, second, first));
  EXPECT_THAT(listed({.before = third, .limit = 1}), ElementsAre(second));
}

TEST_F(RenderDeskTest, CancelsAndForgets) {
  const auto running = id_of_begun("long");
  until(running, "running");
  const auto waiting = id_of_begun("long");
  EXPECT_EQ(cancel(waiting), "");
  EXPECT_EQ(look(waiting)["error"]["code"], "cancelled");
  EXPECT_EQ(cancel(running), "");
  until(running, "cancelled");
  EXPECT_FALSE(has_folder(running));
  EXPECT_EQ(cancel(running), "");
  EXPECT_EQ(look(running)["state"], "none");
  EXPECT_EQ(cancel(running).error().code, Errc::malformed_media);
  EXPECT_THAT(listed(), ElementsAre(waiting));
  EXPECT_TRUE(events().empty());
}

TEST_F(RenderDeskTest, HasLimits) {
  end();
  config_.render_time = std::chrono::milliseconds{1};
  start();
  EXPECT_EQ(until(id_of_begun("long"), "failed")["error"]["code"], "timed-out");
  end();
  config_.render_time = std::chrono::hours{1};
  config_.render_bytes = 3;
  config_.render_kept = 1;
  start();
  const auto large = id_of_begun("large");
  EXPECT_EQ(until(large, "failed")["error"]["code"], "limit-exceeded");
  EXPECT_THAT(listed(), ElementsAre(large)) << "one that is over is kept";
}

TEST_F(RenderDeskTest, KeepsTheListOverARestart) {
  const auto done = id_of_begun("good");
  until(done, "done");
  const auto running = id_of_begun("long");
  until(running, "running");
  const auto waiting = id_of_begun("long");
  end();
  start();
  EXPECT_THAT(listed(), ElementsAre(waiting, running, done));
  EXPECT_EQ(look(done)["state"], "done");
  for (const auto id : {running, waiting}) {
    EXPECT_EQ(look(id)["error"]["code"], "interrupted");
    EXPECT_FALSE(has_folder(id));
  }
  EXPECT_THAT(events(), ElementsAre("render-finish", "render-failed", "render-failed"));
  EXPECT_GT(id_of_begun("good"), waiting);
}

}  // namespace
}  // namespace framewire::relay
