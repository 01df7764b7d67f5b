#include "relay/streams/capture_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "ingest/packets/packets.h"

namespace framewire::relay {
namespace {

using nlohmann::json;

constexpr Duration kRateSpan{3'000};  // what `fps` looks back on
constexpr std::uint64_t kBytesPerPixel = 4;
constexpr int kSoundAheadSeconds = 10;
constexpr std::uint64_t kHeaderRoom = 64u << 10;

// The most that a frame of an ordinary encoder takes: a PNG of noise is a little larger than raw.
// Of packets: an i420 picture, than which what is encoded is smaller.
std::uint64_t frame_bytes(const codec::CaptureSpec& spec) {
  const std::uint64_t raw = kBytesPerPixel * spec.width * spec.height;
  if (spec.format == Format::packets) return raw * 3 / 8 + kHeaderRoom;
  return spec.format == Format::rgba ? raw : raw + raw / 64 + kHeaderRoom;
}

}  // namespace

CaptureSession::CaptureSession(const Config& config, const PublishHello& hello, CaptureOwner& owner)
    : spec_(capture_spec(hello)),
      wanted_(hello.capture.frames),
      owner_(owner),
      credits_(capture_window(config, frame_bytes(spec_))),
      most_bytes_(std::max<std::uint64_t>(config.capture_inbox_bytes,
                                          credits_.credit() * frame_bytes(spec_))) {}

void CaptureSession::begin(CaptureWriterFactory* capture_writers, const std::string& stream) {
  if (capture_writers) writer_ = capture_writers->open({stream, spec_}, *this);
  if (!writer_)
    ending_ = close_reason_for({Errc::unsupported_format, "this server makes no files"});
}

void CaptureSession::greet() {
  reported_credit_ = 0;
  if (recorded_) owner_.send_to_capturer(*recorded_);
  if (ending_)
    owner_.fail_capture(*ending_);
  else if (!recorded_ && !finished_)
    report_credit();
}

Result<void> CaptureSession::admit(const FramePiece& piece) {
  if (failed()) return {};
  if (finished_) return fail(Errc::protocol, fmt::format("frame {} after the end", piece.frame));
  if (piece.frame != credits_.taken())
    return fail(Errc::protocol, fmt::format("a piece of frame {} where one of frame {} is due",
                                            piece.frame, credits_.taken()));
  if (!credits_.may_take())
    return fail(Errc::past_credit, fmt::format("frame {} while credit ends before frame {}",
                                               piece.frame, credits_.credit()));
  if (spec_.hash && piece.last && !piece.hash)
    return fail(Errc::protocol, fmt::format("frame {} comes without its hash", piece.frame));
  if (spec_.format == Format::packets && !config_)
    return fail(Errc::protocol,
                fmt::format("frame {} before the config of its packets", piece.frame));
  frame_bytes_ += piece.bytes;
  hash_ = piece.hash.value_or(0);
  return {};
}

Result<void> CaptureSession::admitted(const FramePiece& piece) {
  const std::uint64_t cut = credits_.taken() - piece.frame;
  const std::uint64_t bytes = frame_bytes_;
  if (piece.last) frame_bytes_ = 0;
  if (failed() || (!config_stray_ && (piece.last ? cut == 1 && newest_bytes_ == bytes : cut == 0)))
    return {};
  return fail(Errc::malformed_media,
              fmt::format("the {} bytes of frame {} are not one whole {}", bytes, piece.frame,
                          spec_.format == Format::packets ? "packet" : "picture"));
}

Result<void> CaptureSession::admit_config() {
  if (failed()) return {};
  if (spec_.format != Format::packets)
    return fail(Errc::protocol,
                fmt::format("a config, and the frames are {}", to_string(spec_.format)));
  if (config_ || finished_)
    return fail(Errc::protocol, config_ ? "a second config: a film has one" : "after the end");
  config_due_ = true;
  return {};
}

Result<void> CaptureSession::admitted_config() {
  if (failed()) return {};
  if (std::exchange(config_due_, false))
    return fail(Errc::malformed_media, "a message of kind 1 that is not one whole config");
  if (credits_.taken() > 0)
    return fail(Errc::malformed_media, "a message of kind 1 with more than a config");
  if (auto why = codec::why_not_config(spec_, config_->payload()); !why.empty())
    return fail(Errc::malformed_media, std::move(why));
  if (writer_) writer_->configure(config_);
  return {};
}

void CaptureSession::configure(PartPtr config) {
  if (std::exchange(config_due_, false))
    config_ = std::move(config);
  else
    config_stray_ = true;
}

void CaptureSession::append(PartPtr frame) {
  if (failed() || !credits_.may_take()) return;  // of several in a message, which admitted() sees
  credits_.take();
  newest_bytes_ = frame->payload().size();
  if (spec_.format == Format::packets && packets_record_bytes(frame->payload()) != newest_bytes_)
    newest_bytes_ = 0;  // a run of several, which admitted() refuses
  sizes_.push_back(frame->size());
  waiting_bytes_ += frame->size();
  if (writer_) writer_->append(std::move(frame), hash_);
}

Result<void> CaptureSession::append_sound(std::uint64_t first, Bytes samples) {
  if (failed()) return {};
  const codec::CaptureAudio& audio = spec_.audio;
  if (!audio || finished_)
    return fail(Errc::protocol, audio ? "sound after the end" : "sound that was not announced");
  if (spec_.format == Format::packets && !config_)
    return fail(Errc::protocol, "sound before the config of the packets");
  if (first != samples_heard_)
    return fail(Errc::protocol, fmt::format("sample {} where {} is due", first, samples_heard_));
  if (samples.empty() || samples.size() % audio.bytes() != 0)
    return fail(Errc::malformed_media, fmt::format("{} bytes of sound, whose samples have {}",
                                                   samples.size(), audio.bytes()));
  samples_heard_ += samples.size() / audio.bytes();
  const double ahead = static_cast<double>(samples_heard_) / audio.sample_rate -
                       static_cast<double>(credits_.taken()) / spec_.fps;
  if (ahead > kSoundAheadSeconds)
    return fail(Errc::past_credit, fmt::format("sound {:.0f} s ahead of the frames, limit {} s",
                                               ahead, kSoundAheadSeconds));
  if (writer_) writer_->append_sound(first, {samples.begin(), samples.end()});
  return {};
}

void CaptureSession::finish(std::string incomplete) {
  if (std::exchange(finished_, true) || over() || !writer_) return;
  if (incomplete.empty() && wanted_ > credits_.taken())
    incomplete =
        fmt::format("{} frames of {}: the publisher ended it before", credits_.taken(), wanted_);
  writer_->finish(std::move(incomplete));
}

void CaptureSession::cancel() {
  if (writer_ && !over()) writer_->cancel();
  ending_ =
      CloseReason{CloseCode::normal, "cancelled", {Errc::refused, "the capture was cancelled"}};
}

// ---- what the capture says

void CaptureSession::on_written(std::uint64_t frames) {
  credits_.write(frames);
  while (sizes_.size() > credits_.on_their_way()) {
    waiting_bytes_ -= sizes_.front();
    sizes_.pop_front();
  }
  if (!finished_ && !failure_) report_credit();
  owner_.on_capture_room();
}

void CaptureSession::on_failed(CloseReason ending) {
  failure_ = std::move(ending);
  finished_ = true;
}

void CaptureSession::on_kept(const RecordingInfo& info, std::uint64_t frames) {
  report_progress(owner_.capture_now());
  recorded_ = captured_message(info, frames, spec_.hash);
  ending_ = std::exchange(failure_, std::nullopt);
  greet();
}

void CaptureSession::on_lost(CloseReason ending) {
  ending_ = failure_ ? std::exchange(failure_, std::nullopt) : std::move(ending);
  greet();
}

// ---- what the publisher is told

void CaptureSession::report_credit() {
  if (reported_credit_ == credits_.credit()) return;
  reported_credit_ = credits_.credit();
  owner_.send_to_capturer(credit_message(reported_credit_));
}

void CaptureSession::tick() {
  if (over()) return;
  const Time now = owner_.capture_now();
  samples_.push_back({now, credits_.written()});
  while (samples_.size() > 2 && now - samples_.front().at > kRateSpan) samples_.pop_front();
  if (reported_taken_ != credits_.taken() || reported_written_ != credits_.written())
    report_progress(now);
}

void CaptureSession::report_progress(Time now) {
  CaptureProgress progress{
      reported_taken_ = credits_.taken(), reported_written_ = credits_.written(), 0, {}};
  if (!samples_.empty() && now > samples_.front().at) {
    const std::chrono::duration<double> span = now - samples_.front().at;
    progress.fps =
        static_cast<double>(credits_.written() - samples_.front().written) / span.count();
  }
  const std::uint64_t all = finished_ ? credits_.taken() : wanted_;
  if (progress.fps > 0 && all >= progress.written)
    progress.eta_ms = static_cast<std::int64_t>(1000 * static_cast<double>(all - progress.written) /
                                                progress.fps);
  owner_.send_to_capturer(progress_message(progress));
}

std::string credit_message(std::uint64_t frames) {
  return json{{"type", "credit"}, {"frames", frames}}.dump();
}

std::string progress_message(const CaptureProgress& progress) {
  json out{{"type", "progress"},
           {"frames", progress.taken},
           {"encoded", progress.written},
           {"fps", progress.fps}};
  if (progress.eta_ms) out["eta_ms"] = *progress.eta_ms;
  return out.dump();
}

std::string captured_message(const RecordingInfo& info, std::uint64_t frames, bool hashed) {
  json out{{"type", "recorded"},
           {"url", "/recordings/" + info.id},
           {"frames", frames},
           {"bytes", info.bytes},
           {"duration_ms", info.duration_ms.value_or(0)}};
  if (hashed) out["hashed"] = frames;
  if (!info.incomplete.empty()) out["incomplete"] = info.incomplete;
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace framewire::relay
