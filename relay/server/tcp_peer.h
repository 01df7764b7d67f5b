// One plain TCP connection: reads and writes a socket by the loop's poll, without libwebsockets.
// What the socket does not take is held, at most one write's rest (viewers) or max_texts (lines).
// Thread: its loop's. Lifetime: owned by its TcpHost, which destroys it after the turn in which it
// is over(), never within one of its own calls.
#pragma once
#include <uv.h>

#include <cstdint>
#include <optional>
#include <string>

#include "ingest/base/bytes.h"
#include "relay/base/clock.h"
#include "relay/fanout/viewer.h"
#include "relay/server/session.h"

namespace framewire::relay {

class TcpHost;

class TcpPeer {
 public:
  // Takes the socket over.
  TcpPeer(TcpHost& host, int socket, std::string address);
  virtual ~TcpPeer();
  TcpPeer(const TcpPeer&) = delete;
  TcpPeer& operator=(const TcpPeer&) = delete;

  virtual void on_open() = 0;
  virtual void tick(Time) {}
  virtual std::optional<SessionFacts> facts() const { return std::nullopt; }
  // An operator ends it.
  virtual void dismiss() { finish(); }
  std::uint64_t number() const { return number_; }
  std::int64_t since_ms() const { return since_ms_; }
  // One that has said all and takes nothing for --half-closed-timeout is gone.
  void look_whether_gone(Time now);
  // The server stops.
  virtual void drain() { finish(); }

  bool over() const { return socket_ < 0; }
  const std::string& address() const { return address_; }

 protected:
  virtual void on_bytes(Bytes bytes) = 0;
  virtual void on_end() = 0;  // the peer has said all
  virtual void on_room() {}   // all that was written has left

  TcpHost& host() const { return host_; }
  // As Connection has it.
  void announce_viewer(std::string_view type);
  void read(bool on);
  Sent write(Bytes bytes);  // may follow one another; the rest is held
  void want_room();
  std::size_t unsent_bytes() const;
  // The end, once what was written has left.
  void finish();
  void kill();

 private:
  void watch();
  void on_events(int status, int events);
  void on_readable();
  bool flush();
  std::optional<std::size_t> put_out(Bytes bytes);

  TcpHost& host_;
  int socket_;
  const std::string address_;
  const std::uint64_t number_;  // unique on its loop, among connections too
  const std::int64_t since_ms_;
  uv_poll_t* poll_ = nullptr;  // freed when it is closed
  bool reading_ = false;
  bool half_closed_ = false;  // the peer has said all
  Time took_{};               // since then, when it took anything last
  std::uint64_t acked_ = 0;
  bool wants_room_ = false;
  bool finishing_ = false;
  Buffer rest_;
  std::size_t rest_from_ = 0;  // before it all has left
};

}  // namespace framewire::relay
