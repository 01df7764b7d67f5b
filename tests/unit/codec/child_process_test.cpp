#include "codec/child_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "relay/child/child_watch.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

namespace framewire::codec {
namespace {

using testing::HasSubstr;

ChildEnd end_of(const ChildSpec& spec) {
  auto child = ChildProcess::start(spec);
  if (!child) return {-1, 0, child.error().what};
  return child->wait();
}

UniqueFd memory_file(std::string_view text) {
  UniqueFd fd{memfd_create("test", MFD_CLOEXEC)};
  EXPECT_EQ(write(fd.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    ++count;
  return count;
}

TEST(ChildProcess, HasItsArgumentsItsDescriptorsAndNothingElse) {
  setenv("FRAMEWIRE_PUBLISH_KEY", "secret", 1);
  const UniqueFd first = memory_file("first"), second = memory_file("second");
  const UniqueFd inherited{open("/dev/null", O_RDONLY)};  // without O_CLOEXEC: not handed in
  const ChildEnd end = end_of({"test-echo", {"a", "b c"}, {second.get(), first.get()}});
  EXPECT_TRUE(end.good()) << end.describe();
  EXPECT_EQ(end.answer, "a;b c;3=second;4=first;key kept back");
}

#ifndef SANITIZED
TEST(ChildProcess, IsShutIn) {
  const ChildEnd end = end_of({"test-probe", {}, {}});
  EXPECT_TRUE(end.good()) << end.describe();
  EXPECT_EQ(end.answer,
            "open EPERM\nsocket EPERM\nfork EPERM\nkill EPERM\nexec EPERM\nptrace EPERM\n"
            "thread done\n");
}

TEST(ChildProcess, IsShutInOnceItHasWhatItNeedsWithAllItsThreads) {
  const ChildEnd end = end_of({"test-shut-in-later", {}, {}});
  EXPECT_TRUE(end.good()) << end.describe();
  EXPECT_EQ(end.answer,
            "before: open done\nother thread: open EPERM\nlimited true\ngetsockopt done\n"
            "send done\nconnect EPERM\nopen EPERM\nsocket EPERM\nfork EPERM\nkill EPERM\n"
            "exec EPERM\nptrace EPERM\nthread done\n");
}

TEST(ChildProcess, EndsAtItsMemoryLimit) {
  const ChildEnd end = end_of({"test-memory", {}, {}});
  EXPECT_EQ(end.exit_code, 1);
  EXPECT_THAT(end.answer, HasSubstr("bad_alloc"));
}
#endif

TEST(ChildProcess, WritesNoFileBeyondItsLimit) {
  const UniqueFd file{open(testing::TempDir().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
  ASSERT_TRUE(file);
  EXPECT_EQ(end_of({"test-fill", {}, {file.get()}}).answer, "10240 bytes, File too large");
}

TEST(ChildProcess, TellsHowItEnded) {
  EXPECT_EQ(end_of({"test-fail", {}, {}}).describe(), "ended with 3: no video track");

  int pipe[2];
  ASSERT_EQ(pipe2(pipe, O_CLOEXEC), 0);
  const UniqueFd from{pipe[0]}, to{pipe[1]};
  auto child = ChildProcess::start({"test-wait", {}, {from.get()}});
  ASSERT_TRUE(child) << child.error().what;
  EXPECT_FALSE(child->take_end());
  child->kill();
  EXPECT_EQ(child->wait().describe(), "was killed by signal 9 (Killed)");
}

TEST(ChildProcess, LeavesNoDescriptorsAndNoProcess) {
  end_of({"test-fail", {}, {}});
  const std::size_t before = open_descriptors();
  pid_t pid = 0;
  {
    int pipe[2];
    ASSERT_EQ(pipe2(pipe, O_CLOEXEC), 0);
    const UniqueFd from{pipe[0]}, to{pipe[1]};
    auto child = ChildProcess::start({"test-wait", {}, {from.get()}});
    ASSERT_TRUE(child);
    pid = child->pid();
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  for (int i = 0; i < 1000 && ::kill(pid, 0) == 0; ++i) usleep(10'000);  // it is reaped elsewhere
  EXPECT_EQ(::kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
  EXPECT_EQ(open_descriptors(), before);
}

TEST(ChildWatch, TellsItsLoopOfTheEnd) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  auto child = ChildProcess::start({"test-fail", {}, {}});
  ASSERT_TRUE(child);
  std::optional<ChildEnd> told;
  {
    const relay::ChildWatch watch{loop, *std::move(child),
                                  [&](const ChildEnd& end) { told = end; }};
    uv_run(&loop, UV_RUN_DEFAULT);  // returns once the watch is done
  }
  ASSERT_TRUE(told);
  EXPECT_EQ(told->exit_code, 3);
  EXPECT_EQ(uv_loop_close(&loop), 0);
}

}  // namespace
}  // namespace framewire::codec
