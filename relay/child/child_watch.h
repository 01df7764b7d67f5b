// Tells a loop when a child process has ended, without a signal handler and without waiting.
// Thread: the loop's, which must also be the one that started the child (the child dies with its
// thread). Lifetime: ends before the uv loop is closed; then a child that still runs is killed.
#pragma once
#include <uv.h>

#include <functional>

#include "codec/child_process.h"

namespace framewire::relay {

class ChildWatch {
 public:
  using Ended = std::function<void(const codec::ChildEnd&)>;
  // ended: once, in a later turn; it may destroy the watch.
  ChildWatch(uv_loop_t& loop, codec::ChildProcess child, Ended ended);
  ~ChildWatch();
  ChildWatch(const ChildWatch&) = delete;
  ChildWatch& operator=(const ChildWatch&) = delete;

  codec::ChildProcess& child() { return child_; }

 private:
  void look();
  void close();

  codec::ChildProcess child_;
  Ended ended_;
  uv_poll_t* poll_ = nullptr;  // freed by libuv's close callback, which may come after us
};

}  // namespace framewire::relay
