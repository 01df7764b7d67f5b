// A viewer is a cursor in a ring and the connection that its bytes go to. Memory per viewer does
// not grow with how far it is behind. Thread: the loop of its connection.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "ingest/cut/cutter.h"
#include "relay/base/batch_sender.h"
#include "relay/base/sent.h"
#include "relay/fanout/part.h"

namespace framewire::relay {

// Close codes of RFC 6455 section 7.4.1 and the IANA registry; what each means here: PROTOCOL.md.
enum class CloseCode : std::uint16_t {
  normal = 1000,
  protocol = 1002,
  unsupported = 1003,
  bad_data = 1007,
  policy = 1008,
  too_big = 1009,
  internal = 1011,
  restarting = 1012,
  try_later = 1013,
};

// Where a viewer's bytes go. Implemented by connections, by what hands a stream to a child process
// (renditions, restreams), and by the tests. Who reads inside the process subscribes
// (relay/fanout/subscription.h).
// Re-entrancy: no call may attach or detach a viewer, or call Hub::on_writeable(): the fan-out is
// in the middle of its lists. Do such work in a later turn. One exception: close() with
// `unsupported` may detach its own viewer.
class ViewerSink {
 public:
  virtual ~ViewerSink() = default;
  // framed: finished bytes in the viewer's framing (whole ws frames, or body bytes); need not
  // outlive the call. At most one call's rest is ever held, since nothing is written until
  // on_writeable.
  virtual Sent write(Bytes framed) = 0;
  // Prepares `framed` for a BatchSender: sets the socket and the bytes, which stay good until
  // sent(). False: send what was prepared before and ask again, or use write().
  virtual bool make_ready(Bytes /*framed*/, SocketSend& /*to*/) { return false; }
  // What became of it: as write(), once result (SocketSend) is known. Follows each make_ready().
  virtual Sent sent(Bytes /*framed*/, std::int32_t /*result*/) { return Sent::gone; }
  // Before the first part of each epoch that the viewer is to get: what it will be.
  virtual void on_epoch(const Epoch& epoch) = 0;
  // There is no such stream now; the viewer stays attached and will get it when it begins.
  virtual void on_no_stream() = 0;
  // Asks the owner to call Hub::on_writeable() in a later turn, once the socket has room.
  virtual void want_writeable() = 0;
  // Bytes handed over that the peer's kernel has not acknowledged; its change is progress.
  virtual std::size_t unsent_bytes() const = 0;
  // code goes to the peer if it still reads; code_name is PROTOCOL.md's error code for v1 and logs.
  // May come more than once. From the first on, write() returns Sent::gone. The viewer stays
  // attached until its owner detaches it.
  virtual void close(CloseCode code, std::string_view code_name) = 0;
  // A JSON text for this viewer alone, beside the parts; dropped unless it speaks framewire.v1.
  virtual void send_text(const std::string& /*json*/) {}
};

class LocalStream;

struct Viewer {
  Viewer(ViewerSink& to, Framing how, Rendition which) : sink(to), framing(how), rendition(which) {}

  // What each part's delivery reads and writes comes first, in two lines of the cache.
  ViewerSink& sink;
  const Framing framing;
  const Rendition rendition;
  enum class Place : std::uint8_t {
    joining,         // not known yet whether there is a stream
    live,            // has all there is; the next part goes to it at once
    behind,          // its socket is full, or it is catching up
    awaiting_group,  // waits for the next group start
    done,            // told of the end, or its connection is gone
  } place = Place::joining;
  bool internal = false;     // part of the server. Not counted but by Hub::readers_of()
  bool caught_up = false;    // it had all there was, once since it joined
  bool full = false;         // its socket is: nothing is written until on_writeable
  bool wants_group = false;  // reads on only from a group start at or after `next`
  bool told_end = false;
  // The cursor.
  std::uint32_t epoch = 0;  // whose init it was sent; 0 = none yet
  std::uint64_t next = 0;
  std::uint64_t lead_in_until = 0;  // parts below were old when it joined
  // Counts.
  std::uint64_t sent_bytes = 0;
  std::uint64_t sent_parts = 0;
  Buffer pending_text;  // text frames to go out before the next part

  LocalStream* local_stream = nullptr;  // that it is attached to
  std::uint32_t index = 0;              // in Fanout's list for its place
  std::uint32_t skips = 0;
  std::uint64_t speaker = 0;  // its number on its loop once it has said something
  // Why it is closed, a sentence, if its code name does not say it.
  std::unique_ptr<const std::string> refusal;

  // Progress, for the stall time-out.
  Time progressed{};
  std::size_t unsent = 0;

  // Why it is closed, or so much.
  std::string why(std::string_view otherwise) const {
    return refusal ? *refusal : std::string{otherwise};
  }

  // From the start, in another stream's ring.
  void forget_cursor() {
    next = lead_in_until = 0;
    epoch = 0;
    wants_group = told_end = caught_up = false;
  }
};

}  // namespace framewire::relay
