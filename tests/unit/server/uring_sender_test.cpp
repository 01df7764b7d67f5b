// On real sockets. A kernel that does not let io_uring be is told of, and nothing else is tested.
#include "relay/server/uring_sender.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <deque>
#include <string>
#include <vector>

#include "ingest/base/unique_fd.h"

namespace framewire::relay {
namespace {

struct Ends {
  Ends() {
    std::array<int, 2> pair{};
    EXPECT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()));
    from = UniqueFd{pair[0]};
    to = UniqueFd{pair[1]};
    fcntl(to.get(), F_SETFL, O_NONBLOCK);
  }
  std::string read_all() const {
    std::string out;
    std::array<char, 65536> some{};
    for (ssize_t got = 0; (got = read(to.get(), some.data(), some.size())) > 0;)
      out.append(some.data(), static_cast<std::size_t>(got));
    return out;
  }
  UniqueFd from;
  UniqueFd to;
};

class UringSender : public testing::Test {
 protected:
  void SetUp() override {
    sender_ = open_uring_sender();
    if (!sender_) GTEST_SKIP() << "no io_uring here";
  }
  std::unique_ptr<BatchSender> sender_;
};

TEST_F(UringSender, SendsToAllInOrderAlsoMoreThanOneRingHolds) {
  std::deque<Ends> ends(BatchSender::kMost + 20);
  std::vector<std::string> words;
  for (std::size_t i = 0; i < ends.size(); ++i) words.push_back(std::to_string(i) + " is for it");
  for (int round = 0; round < 3; ++round) {
    std::vector<SocketSend> sends;
    for (std::size_t i = 0; i < ends.size(); ++i)
      sends.push_back({ends[i].from.get(), as_bytes(words[i])});
    sender_->send(sends);
    for (std::size_t i = 0; i < ends.size(); ++i) {
      EXPECT_EQ(sends[i].result, static_cast<std::int32_t>(words[i].size()));
      EXPECT_EQ(ends[i].read_all(), words[i]);
    }
  }
}

TEST_F(UringSender, AFullOneAGoneOneAndNoneAmongGoodOnes) {
  std::deque<Ends> ends(5);
  const std::string much(8u << 20, 'x');
  fcntl(ends[1].from.get(), F_SETFL, O_NONBLOCK);
  ASSERT_GT(send(ends[1].from.get(), much.data(), much.size(), MSG_NOSIGNAL), 0);
  ends[2].to.reset();
  const Bytes word = as_bytes("word");
  std::vector<SocketSend> sends{
      {ends[0].from.get(), word},           {ends[1].from.get(), as_bytes(much)},
      {ends[2].from.get(), word},           {-1, word},
      {ends[3].from.get(), as_bytes(much)}, {ends[4].from.get(), word}};
  sender_->send(sends);
  EXPECT_EQ(sends[0].result, 4);
  EXPECT_EQ(sends[1].result, -EAGAIN);
  EXPECT_EQ(sends[2].result, -EPIPE) << "and no signal";
  EXPECT_EQ(sends[3].result, -EBADF);
  EXPECT_GT(sends[4].result, 0) << "in part";
  EXPECT_LT(sends[4].result, static_cast<std::int32_t>(much.size()));
  EXPECT_EQ(sends[5].result, 4);
  EXPECT_EQ(ends[3].read_all().size(), static_cast<std::size_t>(sends[4].result));
  EXPECT_EQ(ends[4].read_all(), "word");
}

}  // namespace
}  // namespace framewire::relay
