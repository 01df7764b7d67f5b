// One epoch of an origin, from its bytes to the bytes of another container: its packets as they
// are, or recoded where the output asks for it (lane.h).
// Thread: one; run() blocks in its input and its output.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "codec/child/lane.h"
#include "codec/child/muxer.h"
#include "codec/child/packets_reader.h"

namespace framewire::codec {

// A clock that goes on over epochs, for containers whose players take no step back (TS, FLV).
struct OutputClock {
  std::int64_t end_us = 0;  // of all that was written
};

class Remux {
 public:
  // read: the epoch's init and parts, then 0. first: nothing was written by earlier epochs.
  Remux(Format from, const Output& to, const JobSpec& job, ReadBytes read, WriteBytes write,
        OutputClock& clock, bool& first);
  // Until the epoch's end. Errors: unsupported_format (it does not fit: a sentence that names the
  // codec), malformed_media, internal.
  Result<void> run();
  // All that has come is read: what is held for the sake of order goes out.
  void on_idle();

 private:
  Result<void> choose_tracks();
  Result<void> put_in(PacketHandle packet, std::size_t track);
  Result<void> finish_muxer();
  Result<void> finish();
  Result<void> take(PacketHandle packet, std::size_t track);
  Result<void> release(bool all);
  Result<void> write(AVPacket& packet, std::size_t track);
  Result<void> open_muxer();
  bool all_ready() const;

  const Format from_;
  const Output& to_;
  const JobSpec& job_;
  ReadBytes read_;
  std::optional<PacketsReader> packets_;  // of an origin of packets
  ReadBytes matroska_ = [this](std::span<std::byte> to) { return packets_->read(to); };
  WriteBytes write_;
  OutputClock& clock_;
  bool& first_;
  IoHandle io_;
  InputHandle input_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<int> track_of_;  // by the input's stream, -1 = left out
  std::unique_ptr<Muxer> muxer_;
  // In order of dts: until all tracks are ready, and each has a packet (an MP4 origin brings the
  // pictures of a fragment before its sound).
  struct Held {
    PacketHandle packet;
    std::size_t track;  // pictures are track 0
  };
  std::deque<Held> held_;
  std::vector<std::size_t> held_of_;  // packets of each track
  std::optional<Error> idle_error_;
  std::int64_t shift_us_ = 0;
  bool shifted_ = false;
};

}  // namespace framewire::codec
