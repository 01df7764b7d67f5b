// A publisher of the generator, bare mode: a message when its time has come (rate), or when one was
// acknowledged (closed loop). Messages that the socket does not take wait here, a bounded number;
// a publisher held up that way is late, and that is counted. Thread: its worker's.
#pragma once
#include <cstdint>

#include "tools/bench/bench_client.h"
#include "tools/bench/bench_histogram.h"

namespace framewire::bench {

struct PublisherCounts {
  Count opened, failed, closed_by_server;
  Count messages;
  Histogram late;  // rate: how long after its time a message was made
};

class Publisher final : public Client {
 public:
  Publisher(Shared& shared, int epoll, unsigned stream, PublisherCounts& counts);

  void connect();
  // The time from which messages are due.
  void begin(std::uint64_t now_ns);
  // Makes and sends what is due; rate: gives when the next is (closed loop: now + 10 ms).
  std::uint64_t pump(std::uint64_t now_ns);
  // A close frame: the stream is over.
  void say_goodbye();

 private:
  void on_open() override { counts_.opened.add(); }
  void on_bytes(Bytes bytes) override;
  void on_readable() override;
  void on_writeable() override { flush(); }
  void on_ended() override;

  void make_message(std::uint64_t now_ns);
  void flush();

  const unsigned stream_;
  PublisherCounts& counts_;
  const std::uint64_t interval_ns_;
  std::uint64_t due_ns_ = 0;
  StreamReader reader_;
  Buffer out_;
  std::size_t sent_ = 0;  // of out_
};

}  // namespace framewire::bench
