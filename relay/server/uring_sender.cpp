#include "relay/server/uring_sender.h"

#include <liburing.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "ingest/base/unique_fd.h"

namespace framewire::relay {
namespace {

constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
constexpr std::int32_t kUnknown = -EIO;

class UringSender final : public BatchSender {
 public:
  UringSender() : open_(io_uring_queue_init(kMost, &ring_, 0) == 0) {}
  ~UringSender() override { close(); }
  UringSender(const UringSender&) = delete;
  UringSender& operator=(const UringSender&) = delete;

  bool is_open() const { return open_; }

  void send(std::span<SocketSend> sends) override {
    for (; !sends.empty(); sends = sends.subspan(std::min(sends.size(), kMost)))
      send_some(sends.first(std::min(sends.size(), kMost)));
  }

 private:
  void send_some(std::span<SocketSend> sends) {
    if (!open_) {
      send_each(sends);
      return;
    }
    for (std::size_t i = 0; i < sends.size(); ++i) {
      io_uring_sqe* const entry = io_uring_get_sqe(&ring_);  // the queue is empty between batches
      sends[i].result = kUnknown;
      io_uring_prep_send(entry, sends[i].socket, sends[i].bytes.data(), sends[i].bytes.size(),
                         kFlags);
      entry->user_data = i;
    }
    for (auto left = static_cast<unsigned>(sends.size()); left > 0;) {
      // Sends that may not wait are complete on return; the number only makes sure of it.
      if (const int put = io_uring_submit_and_wait(&ring_, left); put < 0 && put != -EINTR) {
        spdlog::error("io_uring: {}; from now on each viewer is written to by itself",
                      std::strerror(-put));
        close();  // what is not known to have been sent stays kUnknown: those connections end
        return;
      }
      left -= take_results(sends);
    }
  }

  unsigned take_results(std::span<SocketSend> sends) {
    unsigned head = 0;
    unsigned count = 0;
    io_uring_cqe* done = nullptr;
    io_uring_for_each_cqe(&ring_, head, done) {
      sends[done->user_data].result = done->res;
      ++count;
    }
    io_uring_cq_advance(&ring_, count);
    return count;
  }

  static void send_each(std::span<SocketSend> sends) {
    for (SocketSend& each : sends) {
      const auto sent = ::send(each.socket, each.bytes.data(), each.bytes.size(), kFlags);
      each.result = sent < 0 ? -errno : static_cast<std::int32_t>(sent);
    }
  }

  void close() {
    if (std::exchange(open_, false)) io_uring_queue_exit(&ring_);
  }

  io_uring ring_{};
  bool open_;
};

// Does what is relied on: sends, and does not wait for a socket that is full.
bool works(BatchSender& sender) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return false;
  const UniqueFd from{pair[0]};
  const UniqueFd to{pair[1]};
  const std::array<std::byte, 4096> page{};
  std::array<SocketSend, 1> one{SocketSend{from.get(), page}};
  sender.send(one);
  if (one[0].result != static_cast<std::int32_t>(page.size())) return false;
  while (::send(from.get(), page.data(), page.size(), kFlags) > 0) {
  }
  sender.send(one);
  return one[0].result == -EAGAIN;
}

}  // namespace

std::unique_ptr<BatchSender> open_uring_sender() {
  auto sender = std::make_unique<UringSender>();
  if (!sender->is_open() || !works(*sender)) return nullptr;
  return sender;
}

}  // namespace framewire::relay
