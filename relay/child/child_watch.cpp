#include "relay/child/child_watch.h"

#include <utility>

namespace framewire::relay {

ChildWatch::ChildWatch(uv_loop_t& loop, codec::ChildProcess child, Ended ended)
    : child_(std::move(child)), ended_(std::move(ended)), poll_(new uv_poll_t{}) {
  poll_->data = this;
  uv_poll_init(&loop, poll_, child_.end_descriptor());
  uv_poll_start(poll_, UV_READABLE,
                [](uv_poll_t* poll, int, int) { static_cast<ChildWatch*>(poll->data)->look(); });
}

ChildWatch::~ChildWatch() {
  close();
}

void ChildWatch::look() {
  const auto end = child_.take_end();
  if (!end) return;
  close();
  const Ended ended = std::move(ended_);
  ended(*end);
}

void ChildWatch::close() {
  if (!poll_) return;
  uv_poll_stop(poll_);
  uv_close(reinterpret_cast<uv_handle_t*>(std::exchange(poll_, nullptr)),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
}

}  // namespace framewire::relay
