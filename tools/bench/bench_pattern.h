// How large the messages of a stream are: all alike, or a GOP: a keyframe first and then each
// keyframe_every messages, deltas between. Thread: any.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace framewire::bench {

struct SizePattern {
  std::size_t message_bytes = 6'000;
  std::size_t keyframe_bytes = 0;
  std::uint64_t keyframe_every = 0;  // 0 = all messages are message_bytes

  std::size_t size_of(std::uint64_t sequence) const {
    return keyframe_every != 0 && sequence % keyframe_every == 0 ? keyframe_bytes : message_bytes;
  }
  std::size_t largest() const {
    return keyframe_every != 0 ? std::max(message_bytes, keyframe_bytes) : message_bytes;
  }
};

}  // namespace framewire::bench
