#include "relay/record/recording_note.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace framewire::relay {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

RecordingInfo recording(std::string id, std::int64_t began_ms, std::uint64_t bytes,
                        RecordingState state = RecordingState::done) {
  RecordingInfo out;
  out.id = std::move(id);
  out.stream = "cam";
  out.state = state;
  out.began_ms = began_ms;
  out.bytes = bytes;
  out.duration_ms = 100;
  return out;
}

std::vector<const RecordingInfo*> pointers(const std::vector<RecordingInfo>& to) {
  std::vector<const RecordingInfo*> out;
  for (const RecordingInfo& each : to) out.push_back(&each);
  return out;
}

TEST(RecordingInfo, IsListedNewestFirst) {
  const std::vector<RecordingInfo> two = {recording("a.webm", 1'000, 5),
                                          recording("b.mp4", 2'000, 6, RecordingState::recording)};
  const json list = json::parse(recordings_json(pointers(two)));
  const json& newest = list["recordings"][0];
  EXPECT_EQ(newest["id"], "b.mp4");
  EXPECT_EQ(newest["state"], "recording");
  EXPECT_EQ(newest["format"], "mp4");
  EXPECT_EQ(newest["began"], "1970-01-01T00:00:02Z");
  EXPECT_TRUE(newest["url"].is_null());
  EXPECT_EQ(list["recordings"][1]["url"], "/recordings/a.webm");
  EXPECT_FALSE(list.contains("more"));
}

TEST(RecordingInfo, AListHasAnEnd) {
  std::vector<RecordingInfo> many;
  for (std::size_t i = 0; i <= kRecordingsListed; ++i)
    many.push_back(recording(std::to_string(i) + ".ts", static_cast<std::int64_t>(i), 1));
  const json list = json::parse(recordings_json(pointers(many)));
  EXPECT_EQ(list["recordings"].size(), kRecordingsListed);
  EXPECT_EQ(list["recordings"].front()["id"], std::to_string(kRecordingsListed) + ".ts");
  EXPECT_EQ(list["recordings"].back()["id"], "1.ts");
  EXPECT_EQ(list["more"], true);
}

TEST(RecordingInfo, ANoteIsReadBack) {
  RecordingInfo told = recording("a.webm", 1'763'805'600'123, 7);
  told.width = 640;
  told.height = 360;
  told.thumbnail = true;
  RecordingInfo read;
  read_note(note_text(told), read);
  EXPECT_EQ(read.stream, "cam");
  EXPECT_EQ(read.began_ms, told.began_ms);
  EXPECT_EQ(read.duration_ms, told.duration_ms);
  EXPECT_EQ(read.width, 640u);
  EXPECT_TRUE(read.thumbnail);
}

TEST(RecordingInfo, AnUploadIsReadBackToo) {
  RecordingInfo told = recording("a.webm", 1, 7);
  told.upload = Upload{};
  told.upload->tries = 2;
  told.upload->url = "https://a.example/a.webm";
  told.upload->error = "503";
  told.upload->parts = {"id", 5, {"x", "y"}};
  told.upload->modified_ns = 1'900'000'000'000'000'001;
  RecordingInfo read;
  read_note(note_text(told), read);
  EXPECT_EQ(read.upload, told.upload);
  told.upload->state = UploadState::done;
  told.upload->sent = told.upload->confirmed = true;
  told.upload->parts = {};
  read_note(note_text(told), read);
  EXPECT_EQ(read.upload, told.upload);
  for (const char* text :
       {R"({"upload":5})", R"({"upload":{"state":5,"parts":[],"tries":"x","etags":[1]}})",
        R"({"upload":{"parts":{"id":"a","etags":[5]}}})"}) {
    RecordingInfo odd;
    read_note(text, odd);
    if (odd.upload) {
      EXPECT_EQ(odd.upload->state, UploadState::waiting) << text;
    }
  }
}

TEST(RecordingRetention, WhatIsStillToBeUploadedStaysAndGoesLast) {
  std::vector<RecordingInfo> all = {recording("old.ts", 0, 10), recording("older.ts", 1'000, 10),
                                    recording("sent.ts", 2'000, 10)};
  all[0].upload = Upload{};
  all[2].upload = Upload{};
  all[2].upload->state = UploadState::done;
  EXPECT_THAT(expired(all, {1, 0}, 10'000).by_age, ElementsAre("older.ts", "sent.ts"));
  EXPECT_THAT(expired(all, {0, 10}, 10'000).by_size, ElementsAre("older.ts", "sent.ts"));
  EXPECT_THAT(expired(all, {0, 5}, 10'000).by_size, ElementsAre("older.ts", "sent.ts", "old.ts"));
}

TEST(RecordingInfo, ABadNoteSaysNothing) {
  for (const char* text : {"", "{", "[]", R"({"stream":5,"began_ms":"x","duration_ms":-4})"}) {
    RecordingInfo read;
    read.stream = "kept";
    read_note(text, read);
    EXPECT_EQ(read.stream, "kept") << text;
    EXPECT_FALSE(read.duration_ms) << text;
  }
}

TEST(Retention, TakesTheOldestFirst) {
  const std::vector<RecordingInfo> all = {
      recording("new.webm", 9'000, 40),
      recording("old.webm", 1'000, 40),
      recording("written.webm", 500, 40, RecordingState::recording),
      recording("middle.webm", 5'000, 40),
  };
  EXPECT_THAT(expired(all, {0, 0}, 10'000).by_age, IsEmpty());
  EXPECT_THAT(expired(all, {0, 0}, 10'000).by_size, IsEmpty());
  EXPECT_THAT(expired(all, {5'000, 0}, 10'000).by_age, ElementsAre("old.webm"));
  EXPECT_THAT(expired(all, {0, 160}, 10'000).by_size, IsEmpty());
  EXPECT_THAT(expired(all, {0, 100}, 10'000).by_size, ElementsAre("old.webm", "middle.webm"));
  // What is still written counts, and stays.
  EXPECT_THAT(expired(all, {0, 1}, 10'000).by_size,
              ElementsAre("old.webm", "middle.webm", "new.webm"));
  const Expired both = expired(all, {5'000, 80}, 10'000);
  EXPECT_THAT(both.by_age, ElementsAre("old.webm"));
  EXPECT_THAT(both.by_size, ElementsAre("middle.webm"));
}

TEST(Retention, ALongRecordingAgesFromItsEnd) {
  RecordingInfo night = recording("night.webm", 0, 1);
  night.duration_ms = 9'000;
  EXPECT_THAT(expired({night}, {5'000, 0}, 10'000).by_age, IsEmpty());
  EXPECT_THAT(expired({night}, {5'000, 0}, 15'000).by_age, ElementsAre("night.webm"));
}

}  // namespace
}  // namespace framewire::relay
