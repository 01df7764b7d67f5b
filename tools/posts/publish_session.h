// The publisher's half of framewire.v1, without its connection: what to say, what has not been
// acknowledged, and what the server answered. Outlives connections: after each new one it resumes,
// and says again what the server has not got.
//
//   begin()  ->  publish | resume       add() -> messages, kept until their ack
//   take()   <-  ready, ack, error      finish() -> end, once all is acknowledged
//
// Sans-I/O. Thread: one. Source: PROTOCOL.md, "Publisher, framewire.v1".
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ingest/base/bytes.h"
#include "ingest/base/format.h"
#include "ingest/wire/ws_frame.h"

namespace framewire::cli {

// What is said of the stream when it begins.
struct PublishWords {
  std::string title;  // "" = none
  bool record = false;
};

struct SessionEnd {
  std::string reason;  // "" = the stream is over, as was wished
  bool lost = false;   // worth another connection
};

class PublishSession {
 public:
  explicit PublishSession(PublishWords words) : words_(std::move(words)) {}

  // On a new connection; before it only what take() answers is said.
  void begin(Format format);
  // The server takes messages.
  bool ready() const { return ready_; }
  // There is room for another message.
  bool wants() const { return ready_ && !finished_ && kept_bytes_ < most_kept_; }
  // A piece of media; of pictures a whole one. Larger ones of a container go in several messages.
  void add(Bytes media, std::int64_t pts_us);
  // Nothing follows.
  void finish();

  // A frame of the server. What there is to say to it is in said().
  void take(const WsFrame& frame);
  // Frames to be sent, each given once.
  Buffer said() { return std::exchange(said_, {}); }
  // The connection has ended: nothing is said before the next begin().
  void disconnected();
  // This connection, or all of it, is over; until disconnected().
  const std::optional<SessionEnd>& end() const { return end_; }
  // The server knows nothing of what was said before: it has to be said anew, from an init segment
  // on. True once each time.
  bool begins_anew() { return std::exchange(anew_, false); }

 private:
  struct Message {
    std::uint64_t sequence = 0;
    Buffer frame;
  };
  static constexpr std::size_t kPiece = 256u << 10;
  static constexpr std::size_t kMostWhole = 1u << 20;

  void say(std::string_view json);
  void hear(std::string_view text);
  void resume_from(std::uint64_t sequence);
  void acknowledge(std::uint64_t sequence);
  void hear_error(const std::string& code, const std::string& message);
  void hear_close(Bytes payload);
  void publish_anew();
  void add_message(Bytes media, std::int64_t pts_us);
  void end_when_acknowledged();

  const PublishWords words_;
  Format format_ = Format::binary;
  Buffer said_;
  std::deque<Message> kept_;
  std::size_t kept_bytes_ = 0;
  std::size_t most_kept_ = 4u << 20;  // unless the server says otherwise
  std::uint64_t next_ = 0;            // sequence
  std::string token_;                 // to resume with
  bool ready_ = false;
  bool finished_ = false;
  bool end_said_ = false;
  bool anew_ = false;
  SessionEnd told_;  // by an error, before the close
  std::optional<SessionEnd> end_;
};

}  // namespace framewire::cli
