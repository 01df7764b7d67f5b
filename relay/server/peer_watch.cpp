#include "relay/server/peer_watch.h"

#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "relay/child/watchable.h"

namespace framewire::relay {
namespace {
constexpr int kEventsPerTurn = 256;
}  // namespace

PeerWatch::PeerWatch(uv_loop_t& loop, Told told)
    : told_(std::move(told)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  // A loop that has got no descriptors of its own shows here, too.
  if (epoll_ < 0 || !watchable(loop, epoll_))
    throw std::system_error(errno, std::generic_category(), "an event loop");
  uv_poll_init(&loop, &poll_, epoll_);
  poll_.data = this;
  uv_poll_start(&poll_, UV_READABLE, [](uv_poll_t* poll, int, int) {
    static_cast<PeerWatch*>(poll->data)->on_events();
  });
}

PeerWatch::~PeerWatch() {
  ::close(epoll_);
}

void PeerWatch::close() {
  if (std::exchange(closed_, true)) return;
  uv_close(reinterpret_cast<uv_handle_t*>(&poll_), nullptr);
}

void PeerWatch::watch(int socket, std::uint64_t number) {
  epoll_event event{};
  event.events = EPOLLRDHUP | EPOLLET;  // and EPOLLERR, EPOLLHUP, which are always told
  event.data.u64 = number;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0)
    spdlog::warn("the end of a peer can't be watched for: {}", std::strerror(errno));
}

void PeerWatch::on_events() {
  std::array<epoll_event, kEventsPerTurn> events;
  const int count = epoll_wait(epoll_, events.data(), kEventsPerTurn, 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    told_(event.data.u64,
          (event.events & (EPOLLERR | EPOLLHUP)) != 0 ? PeerEnd::gone : PeerEnd::half);
  }
}

}  // namespace framewire::relay
