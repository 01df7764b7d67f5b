// One stream passed on to one server elsewhere: a viewer of its FLV or MPEG-TS rendition whose
// bytes go to a child process that holds the connection (codec/child/live/restream.h).
//
//   "cam.flv" ring --Viewer--> RestreamJob --socket--> child --RTMP--> the other server
//
// It begins to read once the other server has answered, at the newest group. What that one is slow
// to take waits in the ring, as for any viewer. A connection that fails is made again, after 1 s,
// then 2 s, up to 30 s; so it is when the rendition begins anew, with a header of its own.
// Thread: the loop's. Lifetime: its host's.
#pragma once
#include <uv.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "relay/base/restream.h"
#include "relay/child/child_channel.h"
#include "relay/child/child_watch.h"
#include "relay/streams/hub.h"

namespace framewire::relay {

class RestreamJob final : private ViewerSink {
 public:
  RestreamJob(uv_loop_t& uv, Hub& hub, const RestreamTarget& target, std::string stream);
  ~RestreamJob() override;
  RestreamJob(const RestreamJob&) = delete;
  RestreamJob& operator=(const RestreamJob&) = delete;

  void tick(Time now);
  // The stream has ended: what is left of it goes out, the child says goodbye, and the job is over.
  void stop(Time now);
  // The same at once.
  void leave(Time now);
  // The stream is there again.
  void resume();
  bool over() const { return over_; }
  RestreamState state() const;

 private:
  void begin(Time now);
  void hang_up(Time now);
  void close_socket();
  void on_child_end(const codec::ChildEnd& end);
  void failed(std::string why);
  void retry();

  void watch();
  void on_poll(int events);
  void on_connected();
  void count_sent();

  // ViewerSink: the rendition's bytes.
  Sent write(Bytes body) override;
  void on_epoch(const Epoch& epoch) override;
  void on_no_stream() override;
  void want_writeable() override;
  std::size_t unsent_bytes() const override { return channel_.pending_bytes(); }
  void close(CloseCode code, std::string_view code_name) override;

  uv_loop_t& uv_;
  Hub& hub_;
  const RestreamTarget target_;
  const std::string stream_;

  // The connection.
  std::unique_ptr<ChildWatch> child_;
  ChildChannel channel_;
  bool connected_ = false;
  bool closed_by_child_ = false;  // whose end is near
  bool wants_writeable_ = false;

  // What is read.
  std::optional<Viewer> viewer_;
  std::uint32_t epoch_ = 0;           // 0 = none yet
  std::uint64_t skips_ = 0;           // when it began
  bool read_all_ = false;             // no more of it goes into this connection: tick() hangs up
  std::optional<Time> absent_since_;  // there is no such rendition

  // Its course.
  std::optional<Time> hung_up_;  // the child says goodbye
  std::optional<Time> stopped_;  // by stop()
  bool over_ = false;
  unsigned failures_ = 0;
  Time begin_from_{};
  Time connected_at_{};
  std::string error_;  // why it failed last
};

}  // namespace framewire::relay
