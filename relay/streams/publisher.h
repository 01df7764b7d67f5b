// The publisher's connection, as the relay sees it, and what passes between it and its stream. The
// two may live on different loops (a publisher that resumes lands on any loop), so a stream names
// its publisher by number and everything crosses by Loop::post().
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "ingest/base/error.h"
#include "ingest/wire/publisher_messages.h"
#include "relay/fanout/viewer.h"

namespace framewire::relay {

struct PublisherId {
  unsigned loop = 0;         // the loop of its connection
  std::uint64_t number = 0;  // unique on that loop; 0 = nobody
  bool operator==(const PublisherId&) const = default;
};
std::string to_string(PublisherId id);

// Who says something in the side channel: a publisher, or a viewer, numbered alike on its loop.
struct SpeakerId : PublisherId {
  // Of one on another server: what it is called, and the number is that of its link.
  std::string via{};
};
// The `sender` of PROTOCOL.md. suffix: of this server, Config::sender_suffix().
std::string name_of(const SpeakerId& speaker, std::string_view suffix);

// How the publisher's bytes come: framewire.v1 messages with a header, bare messages, or pieces of
// an HTTP body, whose ends mean nothing. link: another server's stream, as LinkEvents
// (relay/streams/link_event.h).
enum class PublishFraming : std::uint8_t { v1, bare, http, link };

struct PublishRequest {
  std::string stream;
  PublisherId publisher;
  PublishFraming framing = PublishFraming::bare;
  PublishHello hello;
  std::optional<std::string> resume_token;
  std::string by{};  // who publishes, for the log
};

// Why a request or a published stream fails: the close code, PROTOCOL.md's error code, and the
// error.
struct CloseReason {
  CloseCode close = CloseCode::internal;
  std::string code;
  Error error;
  bool stay = false;  // resume-unknown: the socket stays open for a `publish`
};

CloseReason close_reason_for(Error error);  // close code and name by Errc

enum class PublisherExit : std::uint8_t {
  finished,   // `end`, a complete body: it waits to be told of the end
  ended,      // close 1000, after all was said: the stream is over
  cancelled,  // nothing of a lossless capture is to be kept
  sent_away,  // by an operator: another may come, but nobody resumes
  lost,       // anything else: it may come back
};

// What a stream tells the connection of its publisher, or of who wants to be it.
struct PublishGranted {
  std::string stream;
  unsigned home = 0;  // the loop that its bytes go to
};
struct PublisherText {
  std::string json;
};
struct ReadingHeld {
  bool hold = false;  // see PublisherSink::hold()
};
struct PublishingEnded {
  std::optional<Error> error;  // set only if nothing could be relayed
};
using PublisherEvent =
    std::variant<PublishGranted, PublisherText, ReadingHeld, PublishingEnded, CloseReason>;

// Thread: the loop of the connection.
class PublisherSink {
 public:
  virtual ~PublisherSink() = default;
  // The request is granted: messages are taken from now on. Must not call Hub::leave().
  virtual void on_ready() = 0;
  // Who it is, for the log: an address and what it calls itself.
  virtual std::string described() const { return {}; }
  // A JSON text; dropped unless the connection speaks framewire.v1.
  virtual void send_text(const std::string& json) = 0;
  virtual void close(const CloseReason& ending) = 0;
  // True: stop reading from the connection, more has come than there is room for; false: go on.
  // Must not call Hub::leave().
  virtual void hold(bool) {}
  // Answers Hub::end(). `error` is set only if nothing could be relayed. A lossless capture gets
  // its `recorded` text by send_text() instead.
  virtual void on_ended(const std::optional<Error>& error) = 0;
};

}  // namespace framewire::relay
