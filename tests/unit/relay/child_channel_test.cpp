#include "relay/child/child_channel.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <string>

#include "relay/child/backoff.h"

namespace framewire::relay {
namespace {

using namespace std::chrono_literals;

class ChildChannelTest : public testing::Test {
 protected:
  ChildChannelTest() { uv_loop_init(&loop_); }
  ~ChildChannelTest() override {
    channel_.close();
    uv_run(&loop_, UV_RUN_DEFAULT);  // what was closed is freed
    EXPECT_EQ(uv_loop_close(&loop_), 0);
  }
  void open(int send_buffer = 0) {
    auto theirs = channel_.open(send_buffer);
    ASSERT_TRUE(theirs) << theirs.error().what;
    theirs_ = *std::move(theirs);
  }
  // What the child reads now.
  std::string read() {
    std::string out;
    std::array<char, 64 << 10> piece;
    for (;;) {
      const ssize_t got = recv(theirs_.get(), piece.data(), piece.size(), MSG_DONTWAIT);
      if (got <= 0) return out;
      out.append(piece.data(), static_cast<std::size_t>(got));
    }
  }
  void turn() { uv_run(&loop_, UV_RUN_NOWAIT); }

  uv_loop_t loop_;
  int events_ = 0;  // that were told last
  unsigned told_ = 0;
  ChildChannel channel_{loop_, [this](int events) {
                          events_ = events;
                          ++told_;
                        }};
  UniqueFd theirs_;
};

TEST_F(ChildChannelTest, TellsWhatItIsAskedToWatchFor) {
  open();
  ASSERT_EQ(send(theirs_.get(), "hello", 5, 0), 5);
  turn();
  EXPECT_EQ(told_, 0u) << "nothing was asked for";
  channel_.watch(true, false);
  turn();
  EXPECT_EQ(events_, UV_READABLE);
  channel_.watch(true, true);
  turn();
  EXPECT_EQ(events_, UV_READABLE | UV_WRITABLE);
  std::array<std::byte, 3> to;
  auto got = channel_.receive(to);
  EXPECT_EQ(got.got, ChildChannel::Got::bytes);
  EXPECT_EQ(as_text(got.bytes), "hel");
  got = channel_.receive(to);
  EXPECT_EQ(as_text(got.bytes), "lo");
  EXPECT_EQ(channel_.receive(to).got, ChildChannel::Got::nothing);
  const unsigned before = told_;
  channel_.watch(false, false);
  turn();
  EXPECT_EQ(told_, before);
}

TEST_F(ChildChannelTest, KeepsWhatTheSocketHasNoRoomFor) {
  open(4096);
  const std::string sent(1 << 20, 'x');
  ASSERT_EQ(channel_.write(as_bytes(sent)), Sent::kept);
  EXPECT_GT(channel_.pending_bytes(), 0u);
  EXPECT_EQ(channel_.take_sent_bytes() + channel_.pending_bytes(), sent.size());
  EXPECT_EQ(channel_.take_sent_bytes(), 0u);
  channel_.watch(false, false);  // room is watched for all the same
  turn();
  EXPECT_EQ(told_, 0u) << "there is none yet";
  EXPECT_FALSE(channel_.write_pending());
  std::string came = read();
  turn();
  EXPECT_EQ(events_, UV_WRITABLE);
  while (!channel_.write_pending()) came += read();
  came += read();
  EXPECT_EQ(came, sent);
  EXPECT_EQ(channel_.write(as_bytes("y")), Sent::all);
}

TEST_F(ChildChannelTest, TellsOfAChildThatIsGone) {
  open();
  channel_.watch(true, false);
  theirs_.reset();
  turn();
  EXPECT_TRUE(events_ & UV_READABLE);
  std::array<std::byte, 1> to;
  EXPECT_EQ(channel_.receive(to).got, ChildChannel::Got::closed);
  EXPECT_FALSE(channel_.send(as_bytes("x")).has_value());
  EXPECT_EQ(channel_.write(as_bytes("x")), Sent::gone);
}

TEST_F(ChildChannelTest, BeginsAnewWithNothingPending) {
  open(4096);
  ASSERT_EQ(channel_.write(as_bytes(std::string(1 << 20, 'x'))), Sent::kept);
  open();
  EXPECT_EQ(channel_.pending_bytes(), 0u);
  EXPECT_EQ(channel_.write(as_bytes("y")), Sent::all);
  EXPECT_EQ(read(), "y");
  channel_.close();
  EXPECT_FALSE(channel_.is_open());
}

TEST(Backoff, DoublesUpToItsLimit) {
  EXPECT_EQ(backoff(50ms, 10s, 0), 50ms);
  EXPECT_EQ(backoff(50ms, 10s, 3), 400ms);
  EXPECT_EQ(backoff(50ms, 10s, 7), 6400ms);
  EXPECT_EQ(backoff(50ms, 10s, 8), 10s);
  EXPECT_EQ(backoff(1s, 30s, 4'000'000'000u), 30s);
}

}  // namespace
}  // namespace framewire::relay
