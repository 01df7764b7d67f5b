// May a loop watch one more descriptor? libuv (1.44 to 1.50) takes it for granted: a watch that
// epoll refuses (ENOSPC: fs.epoll.max_user_watches; ENOMEM) leaves a handle that crashes, in
// libwebsockets too, or ends the process. So whoever is about to hand a descriptor over asks here
// first, and turns it away. Thread: the loop's. False: errno says why.
#pragma once
#include <sys/epoll.h>
#include <uv.h>

namespace framewire::relay {

inline bool watchable(const uv_loop_t& loop, int descriptor) {
  epoll_event nothing{};
  const int epoll = uv_backend_fd(&loop);
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &nothing) != 0) return false;
  epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &nothing);
  return true;
}

}  // namespace framewire::relay
