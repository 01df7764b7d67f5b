// Sees that the other end of a socket is gone while nothing is read from it: a request that is
// being answered, a viewer over HTTP. libuv polls a socket for readability level by level, so one
// that is closed, and not read, would wake its loop for ever; here its end is told once.
// Thread: its loop's. Linux (epoll(7): EPOLLRDHUP, EPOLLET).
#pragma once
#include <uv.h>

#include <cstdint>
#include <functional>

namespace framewire::relay {

enum class PeerEnd : std::uint8_t {
  half,  // it sends nothing more, and may still read
  gone,  // an error, or both directions are closed
};

class PeerWatch {
 public:
  // told: with the number that watch() was given; may be told again of one that is gone already.
  using Told = std::function<void(std::uint64_t number, PeerEnd end)>;
  PeerWatch(uv_loop_t& loop, Told told);
  ~PeerWatch();
  PeerWatch(const PeerWatch&) = delete;
  PeerWatch& operator=(const PeerWatch&) = delete;

  // Until the socket is closed; a second time it does nothing.
  void watch(int socket, std::uint64_t number);
  // Before the loop ends.
  void close();

 private:
  void on_events();

  Told told_;
  int epoll_ = -1;
  uv_poll_t poll_{};
  bool closed_ = false;
};

}  // namespace framewire::relay
