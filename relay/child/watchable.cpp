#include "relay/child/watchable.h"

#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace framewire::relay {
namespace {
thread_local int epoll_of_this_thread = -1;
constexpr int kAsked = -2;  // in a descriptor's place: watchable() wants to know. libuv has -1
}  // namespace

bool watchable(const uv_loop_t& loop, int descriptor) {
  epoll_event nothing{};
  nothing.data.fd = kAsked;
  const int epoll = uv_backend_fd(&loop);
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &nothing) != 0) return false;
  epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &nothing);
  return true;
}

void bear_lost_watches(const uv_loop_t& loop) {
  epoll_of_this_thread = uv_backend_fd(&loop);
}

}  // namespace framewire::relay

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__
#endif
#endif

#ifndef __SANITIZE_THREAD__  // it has an epoll_ctl() of its own
extern "C" int epoll_ctl(int epoll, int operation, int descriptor, epoll_event* event) noexcept {
  const auto result = static_cast<int>(syscall(SYS_epoll_ctl, epoll, operation, descriptor, event));
  if (result == 0 || epoll != framewire::relay::epoll_of_this_thread) return result;
  if (operation == EPOLL_CTL_DEL && errno == ENOENT) return 0;  // of one that was refused below
  if (operation != EPOLL_CTL_ADD || (errno != ENOSPC && errno != ENOMEM) ||
      event->data.fd == framewire::relay::kAsked)
    return result;
  spdlog::error("descriptor {} can't be watched any more: {}", descriptor, std::strerror(errno));
  shutdown(descriptor, SHUT_RDWR);
  return 0;
}
#endif
