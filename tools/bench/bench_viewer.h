// A viewer of the generator: reads as its kind does, and checks loss, order and delay of every
// message from the payload's header. Thread: its worker's.
#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "tools/bench/bench_client.h"
#include "tools/bench/bench_histogram.h"
#include "tools/bench/bench_reader.h"

namespace framewire::bench {

// What the viewers of one worker count together.
struct ViewerCounts {
  Count messages, bytes;                // of good viewers, whole messages and their payloads
  Count misfit_messages, misfit_bytes;  // of slow and stalled ones
  Count out_of_order;                   // also twice the same, or of a foreign stream; good viewers
  Count skips_told;                     // framewire.v1 `skipped`
  Count broken;  // connections on which something came that no server may send
  Count opened, failed, closed_by_server;
  Histogram delay;  // good viewers, messages sent while measured
  Histogram misfit_delay;
  Histogram connect;
};

class Viewer final : public Client {
 public:
  enum class Kind : std::uint8_t { good, slow, stalled };

  // scratch: where bytes are read to, shared by the viewers of a worker.
  Viewer(Shared& shared, int epoll, unsigned stream, Kind kind, ViewerCounts& counts,
         std::span<std::byte> scratch);

  void connect();
  // Slow ones: lets it read what its rate allows. Some 100 times a second.
  void tick(std::uint64_t now_ns);
  Kind kind() const { return kind_; }
  unsigned stream() const { return stream_; }
  // Of the `published` messages: those from its first on (of none: all), and those received.
  std::uint64_t expected(std::uint64_t published) const { return published - first_.value_or(0); }
  std::uint64_t received() const { return received_; }

 private:
  void on_open() override;
  void on_bytes(Bytes bytes) override;
  void on_readable() override;
  void on_ended() override;

  // At most `most` bytes; false: nothing more can be read now.
  bool read_some(std::size_t most, std::size_t& count);
  void on_reader_event(const ReaderEvent& event);
  void on_message(const PayloadHeader& header);

  const unsigned stream_;
  const Kind kind_;
  ViewerCounts& counts_;
  const std::span<std::byte> scratch_;
  StreamReader reader_;
  std::optional<std::uint64_t> first_;
  std::uint64_t next_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t read_bytes_ = 0;
  std::uint64_t read_ns_ = 0;  // when the piece in hand was read
  std::uint64_t ticked_ns_ = 0;
  double allowance_ = 0;  // slow: bytes it may read now
};

}  // namespace framewire::bench
