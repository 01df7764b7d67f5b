// A connection of the generator up to where it may be used: connect, TLS, request, answer. Viewers,
// publishers and churning connections derive from it.
// Thread: its worker's. Lifetime: the epoll set and Shared outlive it.
#pragma once
#include <cstdint>
#include <string>

#include "ingest/base/bytes.h"
#include "ingest/wire/ws_frame.h"
#include "tools/bench/bench_shared.h"
#include "tools/bench/bench_socket.h"

namespace framewire::bench {

class Client {
 public:
  enum class State : std::uint8_t { idle, connecting, answering, open, closed };

  Client(Shared& shared, int epoll) : shared_(shared), epoll_(epoll) {}
  virtual ~Client() = default;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // path: /live/x. websocket: an upgrade, else a GET whose body comes later.
  void start(const std::string& path, Wire wire, std::size_t receive_buffer = 0);
  void on_event(std::uint32_t events);
  State state() const { return state_; }
  // Why it could not be opened, or was closed; "" = it was not.
  const std::string& ended() const { return ended_; }
  std::uint64_t connect_ns() const { return opened_ns_ - started_ns_; }
  // Closes without a word.
  void drop(std::string why);

 protected:
  virtual void on_open() = 0;
  virtual void on_bytes(Bytes) = 0;  // that came with the answer's head
  virtual void on_readable() = 0;
  virtual void on_writeable() {}
  virtual void on_ended() {}  // after open

  void watch(std::uint32_t events);
  // Control frames: small, and written at once or not at all.
  void send_control(WsOpcode opcode, Bytes payload);

  Shared& shared_;
  Socket socket_;

 private:
  void establish();
  void read_answer();

  const int epoll_;
  State state_ = State::idle;
  Wire wire_ = Wire::bare;
  bool head_done_ = false;
  std::uint32_t watched_ = 0;
  std::string request_;
  std::string answer_;
  std::string ended_;
  std::uint64_t started_ns_ = 0;
  std::uint64_t opened_ns_ = 0;
};

}  // namespace framewire::bench
