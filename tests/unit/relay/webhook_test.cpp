// A webhook's queue on disk, whatever a crash leaves of it, and its signature.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "relay/fetch/webhook_queue.h"
#include "relay/fetch/webhook_signature.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kRoom = 1u << 20;

class Queue : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "framewire-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file() const { return folder_ + "/webhook-queue"; }
  std::string text() const {
    std::ifstream in{file(), std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  static Event event(std::uint64_t id, std::string stream, std::string title = "t") {
    Event out{"publish", std::move(stream), R"({"title":")" + title + R"("})"};
    out.id = id;
    return out;
  }
  // "a:1,2 b:3": the ids that wait, by stream.
  static std::string waiting(const WebhookQueue& queue) {
    std::string out;
    for (const auto& [stream, line] : queue.lines()) {
      out += (out.empty() ? "" : " ") + stream + ":";
      for (std::size_t i = 0; i < line.size(); ++i)
        out += (i == 0 ? "" : ",") + std::to_string(line[i].id);
    }
    return out;
  }
  std::string folder_;
};

TEST_F(Queue, WhatWasAddedAndNotDoneIsThereAgainInOrder) {
  {
    auto queue = WebhookQueue::open(folder_, kRoom);
    ASSERT_TRUE(queue) << queue.error().what;
    for (std::uint64_t id = 1; id <= 6; ++id) queue->add(event(id, id % 2 == 0 ? "b" : "a"));
    queue->done("a");
    queue->done("b");
    EXPECT_EQ(waiting(*queue), "a:3,5 b:4,6");
  }
  auto again = WebhookQueue::open(folder_, kRoom);
  ASSERT_TRUE(again);
  EXPECT_EQ(waiting(*again), "a:3,5 b:4,6");
  EXPECT_EQ(again->last_id(), 6u);
  for (const char* stream : {"a", "a", "b", "b"}) again->done(stream);
  EXPECT_EQ(again->size(), 0u);
  again = WebhookQueue::open(folder_ + "/other", kRoom);  // lets go of the lock
  auto last = WebhookQueue::open(folder_, kRoom);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->size(), 0u);
  EXPECT_EQ(last->last_id(), 6u) << "though nothing waits";
}

// Wherever a crash cut the file: what stands before is read, and nothing is made up.
TEST_F(Queue, IsReadWhereverItWasCut) {
  {
    auto queue = WebhookQueue::open(folder_, kRoom);
    for (std::uint64_t id = 1; id <= 3; ++id) queue->add(event(id, "a"));
    queue->done("a");
  }
  const std::string whole = text();
  std::size_t before = 0;
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    std::ofstream{file(), std::ios::binary | std::ios::trunc} << whole.substr(0, cut);
    auto queue = WebhookQueue::open(folder_, kRoom);
    ASSERT_TRUE(queue) << cut;
    const std::string now = waiting(*queue);
    EXPECT_TRUE(now.empty() || now == "a:1" || now == "a:1,2" || now == "a:1,2,3" || now == "a:2,3")
        << cut << " " << now;
    EXPECT_GE(queue->last_id(), before);
    before = queue->last_id();
  }
  EXPECT_EQ(before, 3u);
}

TEST_F(Queue, LeavesOutWhatIsNoLineOfIts) {
  std::ofstream{file()} << "=5\n+{\"id\":\"7\",\"stream\":\"a\"}\n\n?\n+[]\n+{\"id\":8}\n-x\n"
                           "+{\"id\":\"99999999999999999999\",\"stream\":\"a\"}\n+{\"id\":\"9\"";
  auto queue = WebhookQueue::open(folder_, kRoom);
  ASSERT_TRUE(queue);
  EXPECT_EQ(waiting(*queue), "a:7");
  EXPECT_EQ(queue->last_id(), 7u);
}

TEST_F(Queue, HoldsABoundedAmountAndGivesUpTheOldest) {
  auto queue = WebhookQueue::open(folder_, 10'000);
  const std::string title(1'000, 'x');
  for (std::uint64_t id = 1; id <= 50; ++id) queue->add(event(id, id % 2 == 0 ? "b" : "a", title));
  EXPECT_LT(queue->size(), 10u);
  EXPECT_EQ(queue->given_up() + queue->size(), 50u);
  EXPECT_EQ(queue->lines().at("b").back().id, 50u);
}

TEST_F(Queue, ItsFileDoesNotGrowForEver) {
  auto queue = WebhookQueue::open(folder_, kRoom);
  const std::string title(10'000, 'x');
  for (std::uint64_t id = 1; id <= 1'000; ++id) {
    queue->add(event(id, "a", title));
    queue->done("a");
  }
  EXPECT_LT(std::filesystem::file_size(file()), 2u << 20);
}

// A file that may not grow is what a full disk is: a line is cut off in its middle.
TEST_F(Queue, LosesNothingByADiskThatWasFull) {
  std::signal(SIGXFSZ, SIG_IGN);
  auto queue = WebhookQueue::open(folder_, kRoom);
  queue->add(event(1, "a"));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit full = before;
  full.rlim_cur = std::filesystem::file_size(file()) + 50;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  queue->add(event(2, "a"));
  queue->add(event(3, "a"));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(waiting(*queue), "a:1,2,3");
  queue->add(event(4, "a"));
  queue->done("a");
  queue = WebhookQueue::open(folder_ + "/other", kRoom);
  EXPECT_EQ(waiting(*WebhookQueue::open(folder_, kRoom)), "a:2,3,4");
}

// A server starts all the same, loses nothing that was there, and writes again once there is room.
TEST_F(Queue, IsOpenedOnADiskThatIsFull) {
  WebhookQueue::open(folder_, kRoom)->add(event(1, "a"));
  std::filesystem::create_symlink("/dev/full", file() + ".new");
  {
    auto queue = WebhookQueue::open(folder_, kRoom);
    ASSERT_TRUE(queue) << queue.error().what;
    EXPECT_EQ(waiting(*queue), "a:1");
    EXPECT_FALSE(std::filesystem::exists(file() + ".new")) << "what was begun takes no room";
    std::filesystem::create_symlink("/dev/full", file() + ".new");
    queue->add(event(2, "a"));
    EXPECT_EQ(waiting(*queue), "a:1,2") << "in memory";
    EXPECT_NE(text().find("+{"), std::string::npos);
    EXPECT_EQ(text().find("\"id\":\"2\""), std::string::npos);
    queue->add(event(3, "a"));
  }
  EXPECT_EQ(waiting(*WebhookQueue::open(folder_, kRoom)), "a:1,2,3");
}

TEST_F(Queue, IsOneProcessesAlone) {
  auto queue = WebhookQueue::open(folder_, kRoom);
  const auto second = WebhookQueue::open(folder_, kRoom);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().what.find("another server's"), std::string::npos);
}

// By Python: hmac.new(b"key", b"1700000000.{}", "sha256").hexdigest()
TEST(WebhookSignature, IsHmacSha256OverTimeAndBody) {
  EXPECT_EQ(webhook_signature("key", 1'700'000'000, "{}"),
            "t=1700000000,v1=9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae");
}

}  // namespace
}  // namespace framewire::relay
