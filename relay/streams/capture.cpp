#include "relay/streams/capture.h"

#include <utility>

namespace framewire::relay {

codec::CaptureSpec capture_spec(const PublishHello& hello) {
  codec::CaptureSpec spec;
  spec.format = hello.format.value_or(Format::binary);
  spec.width = hello.width;
  spec.height = hello.height;
  spec.fps = hello.fps;
  const CaptureWish& wish = hello.capture;
  if (!wish.container.empty()) spec.container = wish.container;
  spec.codec = wish.codec.empty() ? codec::default_codec(spec.container) : wish.codec;
  if (!wish.quality.empty()) spec.quality = wish.quality;
  spec.hash = wish.hash;
  spec.audio = {wish.audio.codec, wish.audio.sample_rate, wish.audio.channels};
  return spec;
}

std::optional<CloseReason> refuse_capture(const PublishHello& hello, const Config& config) {
  if (!hello.lossless) return std::nullopt;
  if (config.record_dir.empty())
    return CloseReason{CloseCode::policy,
                       "not-recording",
                       {Errc::refused,
                        "this server makes no files: lossless capture needs one that runs with "
                        "--record-dir"}};
  if (auto why = why_no_capture(capture_spec(hello)); !why.empty())
    return close_reason_for({Errc::unsupported_format, std::move(why)});
  return std::nullopt;
}

}  // namespace framewire::relay
