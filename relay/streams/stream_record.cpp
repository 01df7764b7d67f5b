// A stream's recording, and its lossless capture.
#include <spdlog/spdlog.h>

#include <utility>

#include "relay/base/stream_name.h"
#include "relay/fanout/messages.h"
#include "relay/streams/stream.h"

namespace framewire::relay {

// ---- recording

bool Stream::record(bool on) {
  if (!recorder_) return false;
  record_asked_ = on;
  if (on)
    keep_recording();
  else
    stop_recording();
  return true;
}

// Of a new publisher, of one that came back, and when it is asked for in the middle. A recording
// that failed is begun again with the next publisher.
void Stream::keep_recording() {
  // A derived one's origin is what is recorded, and a capture is a recording itself.
  if (derived_ || capture_) return;
  if (recording_ && recording_->over()) recording_.reset();
  // Another server's is recorded there, unless it is asked for here.
  const bool unasked =
      !linked() && (publisher_.hello().record || any_matches(config_.record, name()));
  if (!record_asked_.value_or(unasked)) {
    stop_recording();
    return;
  }
  if (recording_) {
    recording_->set_publisher(publisher_.id(), publisher_.hello().title);
    return;
  }
  if (!recorder_) {
    send_to_publisher(recording_message("failed", "not-recording",
                                        "this server records nothing: it runs "
                                        "without --record-dir"));
    return;
  }
  recording_ = recorder_->open(name(), publisher_.id(), publisher_.hello().title);
  // What went before this publication is another's.
  const bool begun = linked() ? epoch_ > 0 : intake_ && intake_->begun();
  if (begun && epoch_ >= publisher_.first_epoch()) {
    recording_->begin_epoch(info_);
    const Ring& ring = local_stream_.fanout(Rendition::origin).ring();
    const auto newest = ring.newest_group();
    if (newest && ring.at(*newest).epoch->number >= publisher_.first_epoch())
      for (std::uint64_t at = *newest; at < ring.end(); ++at) recording_->append(ring.at(at));
  }
  send_to_publisher(recording_message("recording", "", ""));
}

void Stream::stop_recording() {
  if (!recording_) return;
  std::exchange(recording_, nullptr)->close();
  send_to_publisher(recording_message("stopped", "", ""));
}

// ---- lossless capture

void Stream::send_to_capturer(std::string json) {
  send_to_publisher(std::move(json));
}

void Stream::on_capture_room() {
  if (publisher_.held()) hold_or_release();
}

void Stream::fail_capture(const CloseReason& ending) {
  if (!publisher_.present()) return;  // told when it comes back
  spdlog::warn("stream {}: capture failed: {} ({})", name(), ending.error.what, ending.code);
  drop_publisher(ending);
}

}  // namespace framewire::relay
