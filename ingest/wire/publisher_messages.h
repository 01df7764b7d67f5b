// The JSON control messages of a publisher (PROTOCOL.md, "Publisher to server").
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "ingest/base/error.h"
#include "ingest/base/format.h"
#include "ingest/base/limits.h"
#include "ingest/cut/cutter.h"
#include "ingest/wire/side_text.h"

namespace framewire {

// What a lossless capture makes of its frames (PROTOCOL.md, "Lossless capture"). "" = the default.
struct CaptureSound {
  std::string codec;  // "" = none
  std::uint32_t sample_rate = 0;
  std::uint32_t channels = 0;
};
struct CaptureOptions {
  std::string container;
  std::string codec;
  std::string quality;
  std::uint64_t frames = 0;  // in all; 0 = not said
  bool hash = false;         // each message carries the XXH32 of its frame
  bool alpha = false;        // transparency is kept
  CaptureSound audio;
};

struct PublishHello {
  std::optional<Format> format;  // absent: sniffed
  std::string mime;              // what the page says of itself; shown, never trusted
  std::string title;
  std::string replaces;     // the token of the sender's own earlier publish, which gives way
  std::uint32_t width = 0;  // pixels; needed for rgba
  std::uint32_t height = 0;
  double fps = 0;                 // 0 = not said
  Resize resize = Resize::epoch;  // pictures
  bool lossless = false;
  CaptureOptions capture;  // if it is lossless
  bool record = false;
  bool prompt_acks = false;  // one for each message, for a publisher that is paced by them
  bool keyframes = false;    // it makes one when it is asked
};
struct ResumeHello {
  std::string token;
};
struct EndMessage {};
struct CancelMessage {};  // of a lossless capture: nothing is kept
struct TitleMessage {     // what the stream is called from now on; "" = nothing
  std::string title;
};
struct StillMessage {  // its pictures stand still, as its page is in the background; or move again
  bool still = true;
};
struct ClockMessage {  // what time is it at the server?
  double sent = 0;     // whatever the asker wants to have back
};
struct TokenMessage {  // in place of the one that the connection was opened with
  std::string token;
};
struct MuteMessage {
  std::string sender;  // as in the `message` that it sent
  bool muted = true;
};

using PublisherMessage =
    std::variant<PublishHello, ResumeHello, EndMessage, CancelMessage, SideText, MuteMessage,
                 TitleMessage, StillMessage, ClockMessage, TokenMessage>;

// Errc::bad_text for what is no JSON object or lacks a known "type"; Errc::limit_exceeded for text
// over Limits::text_bytes, sides over Limits::picture_side, strings over 1,024 bytes (but a new
// token); Errc::unsupported_format for a format whose name is unknown. Never throws. Unknown
// members are ignored. The text is UTF-8 already (the transport checks it).
Result<PublisherMessage> parse_publisher_message(std::string_view text, const Limits& limits);

// What a publisher without JSON says in its URL's parameters, each "name=value", decoded: the
// format, title, width, height, fps, resize and record of `publish`. Others are ignored. Errors: as
// above.
Result<PublishHello> read_publish_parameters(std::span<const std::string> parameters,
                                             const Limits& limits);

}  // namespace framewire
