// Who publishes a stream, over its reconnects: who may have it, which of its messages is due, what
// is acknowledged, and how long it is waited for once it is gone. It tells nobody: Stream does.
// Thread: the stream's home loop. Lifetime: the stream's.
// Source: PROTOCOL.md, "Publishing" and "The framewire.v1 binary header".
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ingest/base/error.h"
#include "ingest/wire/v1_header.h"
#include "relay/base/clock.h"
#include "relay/streams/publisher.h"

namespace framewire::relay {

std::string random_token();  // of a publication, for its resume

class PublisherSession {
 public:
  struct Granted {
    bool resumes = false;                  // the publication goes on: resume(); else begin()
    std::optional<CloseReason> displaced;  // to who has had the stream until now
  };
  // What becomes of a request; changes nothing. The CloseReason is for who asks: Errc::refused.
  tl::expected<Granted, CloseReason> judge(const PublishRequest& request, bool takeover) const;

  // Another publication. first_epoch: of what comes from now on.
  void begin(const PublishRequest& request, std::string token, std::uint32_t first_epoch, Time now);
  // Another connection of the same one.
  void resume(PublisherId publisher);

  // Nobody is connected. True: who was is still held, and is to be let go.
  bool forget();
  // It may come back, from now on. reason: of the stream's end if it does not.
  void linger(std::string_view reason, Time now);
  // Nobody can resume this publication: it broke the stream.
  void spoil() { resumable_ = false; }

  bool present() const { return id_.number != 0; }
  bool is(PublisherId publisher) const { return id_ == publisher; }
  // It has been gone for longer than so.
  bool overdue(Time now, Duration linger) const { return !present() && now - lost_at_ > linger; }
  // Its connection is read no further. False: it was so already.
  bool set_held(bool on) { return std::exchange(held_, on) != on; }
  bool held() const { return held_; }

  // A framewire.v1 message has come. False: it had come before, and is only to be acknowledged
  // again. Errc::protocol, without offset: another one is due.
  Result<bool> expect(const V1Header& header, std::int64_t wall_clock_us);
  // It was taken; so many bytes with its header.
  void took(std::size_t bytes);
  // It waits to hear of what was taken: at once if it asked for that, else after so many bytes.
  bool ack_is_due() const;
  // The message up to which all is acknowledged from now on; nullopt: nothing new.
  std::optional<std::uint64_t> acknowledge();

  PublisherId id() const { return id_; }
  PublishFraming framing() const { return framing_; }
  const PublishHello& hello() const { return hello_; }
  void set_title(const std::string& title) { hello_.title = title; }
  // Of a link, which knows it of each part.
  void set_captured(std::int64_t wall_us) { captured_us_ = wall_us; }
  const std::string& token() const { return token_; }
  const std::string& by() const { return by_; }  // who it is, for the log
  bool resumable() const { return resumable_; }
  // It makes keyframes when it is asked for them.
  bool makes_keyframes() const {
    return hello_.keyframes && (framing_ == PublishFraming::v1 || framing_ == PublishFraming::link);
  }
  std::string_view end_reason() const { return end_reason_; }
  Time published_at() const { return published_at_; }
  std::uint32_t first_epoch() const { return first_epoch_; }
  std::uint64_t next_message() const { return next_message_; }
  // Of the message expected last: the publisher's time, and when it was captured, by our clock; 0 =
  // not said.
  std::int64_t stamp_us() const { return stamp_us_; }
  std::int64_t captured_us() const { return captured_us_; }

 private:
  PublisherId id_;
  PublishFraming framing_ = PublishFraming::bare;
  PublishHello hello_;
  std::string token_;
  std::string by_;
  bool resumable_ = false;
  bool held_ = false;
  Time published_at_{};
  Time lost_at_{};
  std::string_view end_reason_;
  std::uint32_t first_epoch_ = 1;

  std::uint64_t next_message_ = 0;
  std::uint64_t acked_ = 0;  // messages told by `ack`
  std::uint64_t unacked_bytes_ = 0;
  std::int64_t stamp_us_ = 0;
  std::int64_t captured_us_ = 0;
};

}  // namespace framewire::relay
