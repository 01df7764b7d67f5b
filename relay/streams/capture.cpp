#include "relay/streams/capture.h"

#include <utility>

namespace framewire::relay {

codec::CaptureSpec capture_spec(const PublishHello& hello) {
  codec::CaptureSpec spec;
  spec.format = hello.format.value_or(Format::binary);
  spec.width = hello.width;
  spec.height = hello.height;
  spec.fps = hello.fps;
  const CaptureOptions& options = hello.capture;
  spec.alpha = options.alpha;
  if (spec.alpha) spec.container = "webm";
  if (!options.container.empty()) spec.container = options.container;
  spec.codec = options.codec.empty() ? codec::default_codec(spec.container) : options.codec;
  if (!options.quality.empty()) spec.quality = options.quality;
  spec.hash = options.hash;
  spec.audio = {options.audio.codec, options.audio.sample_rate, options.audio.channels};
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
