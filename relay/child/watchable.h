// May a loop watch one more descriptor? libuv (1.44 to 1.50) takes it for granted: a watch that
// epoll refuses (ENOSPC: fs.epoll.max_user_watches; ENOMEM) leaves a handle that crashes, in
// libwebsockets too. So whoever is about to hand a descriptor over asks here first, and turns it
// away.
//
// libuv takes a descriptor out of epoll and puts it back whenever what is waited for changes;
// refused then it calls abort(). So epoll_ctl() is our own in this program: on a loop's thread such
// a descriptor is shut down instead, and its connection ends as one does whose peer has gone, by
// its next write or its time-out. Thread: the loop's.
#pragma once
#include <uv.h>

namespace framewire::relay {

// False: errno says why.
bool watchable(const uv_loop_t& loop, int descriptor);
// The calling thread runs this loop from now on.
void bear_lost_watches(const uv_loop_t& loop);

}  // namespace framewire::relay
