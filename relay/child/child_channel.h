// Our end of the pair of sockets between a loop and a child process: watched by the loop, which
// never waits for it. It keeps what the socket had no room for of one write(), no more: who has the
// next bytes waits for room, as a viewer does.
// Thread: the loop's. Lifetime: ends before the uv loop is closed.
// Errors: a channel whose other end is gone gives Sent::gone and Got::closed; how the child ended
// says its ChildWatch.
#pragma once
#include <uv.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"
#include "ingest/base/unique_fd.h"
#include "relay/base/sent.h"

namespace framewire::relay {

class ChildChannel {
 public:
  // From the loop, with UV_READABLE, UV_WRITABLE or both; an error is UV_READABLE. It may close and
  // open the channel, but not destroy it.
  using Ready = std::function<void(int events)>;
  ChildChannel(uv_loop_t& loop, Ready ready) : loop_(loop), ready_(std::move(ready)) {}
  ~ChildChannel() { close(); }
  ChildChannel(const ChildChannel&) = delete;
  ChildChannel& operator=(const ChildChannel&) = delete;

  // A new pair, of which the child's end is given: nothing is watched yet. send_buffer: of the
  // kernel, bytes; 0 = its default. Errc::internal: no descriptor, or no watch, is left.
  Result<UniqueFd> open(int send_buffer = 0);
  void close();
  bool is_open() const { return static_cast<bool>(socket_); }

  // What Ready is called for. Room to write is watched for as well while bytes are pending.
  void watch(bool to_read, bool to_write);

  // One try to send; how many bytes went. nullopt: the other end is gone.
  std::optional<std::size_t> send(Bytes bytes);
  // Sends, and keeps the rest. Only with nothing pending.
  Sent write(Bytes bytes);
  // True: nothing is pending any more.
  bool write_pending();
  std::size_t pending_bytes() const { return pending_.size() - pending_from_; }
  // By write() and write_pending(), since this was asked last.
  std::uint64_t take_sent_bytes() { return std::exchange(sent_bytes_, 0); }

  enum class Got : std::uint8_t { bytes, nothing, closed };
  struct Received {
    Got got = Got::nothing;
    Bytes bytes;  // the front of `to`
  };
  Received receive(std::span<std::byte> to);

 private:
  uv_loop_t& loop_;
  const Ready ready_;
  UniqueFd socket_;
  uv_poll_t* poll_ = nullptr;  // freed by libuv's close callback, which may come after us
  int watched_ = 0;
  Buffer pending_;
  std::size_t pending_from_ = 0;
  std::uint64_t sent_bytes_ = 0;
};

}  // namespace framewire::relay
