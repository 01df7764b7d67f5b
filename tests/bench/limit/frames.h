// Turns what a publisher sent into what its viewers get, in place: masked client ws frames become
// unmasked server ws frames, end to end (RFC 6455, section 5.2). A server's header is at least four
// bytes shorter, so each frame moves towards the front, over bytes that were read already.
//
//   in:   |hdr 2..10|key 4| payload | |hdr|key| payload | ...  a beginning
//   out:           |hdr 2..10| payload |hdr| payload |
//
// Thread: any.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace framewire::limit {

struct Batch {
  std::span<const std::byte> frames;                 // in the buffer given; whole server frames
  std::vector<std::span<const std::byte>> payloads;  // of each, for HTTP bodies
  std::size_t used = 0;                              // bytes of the input that are done with
  std::size_t wanted = 0;  // of the message that begins after them, 0 = not known yet
  bool ended = false;      // a close frame, or what no client may send
};

// batch is filled anew. Only whole binary messages in one frame each are taken; pings are dropped.
void reframe(std::span<std::byte> received, Batch& batch);

}  // namespace framewire::limit
