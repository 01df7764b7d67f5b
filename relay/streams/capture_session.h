// The lossless capture of a stream, at its home: credits, progress and result for the publisher,
// over its reconnects. What its owner is told, it is told from a turn of its own or from tick().
// Thread: the stream's home loop. Lifetime: the stream's, or until another publisher takes over.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "relay/streams/capture.h"
#include "relay/streams/credit_window.h"

namespace framewire::relay {

// A message of the publisher (PROTOCOL.md, "Lossless capture").
struct FramePiece {
  std::uint64_t frame = 0;
  bool last = true;  // of its frame
  std::optional<std::uint32_t> hash;
  std::size_t bytes = 0;
};

// The stream, as its capture sees it.
class CaptureOwner {
 public:
  virtual ~CaptureOwner() = default;
  virtual void send_to_capturer(std::string json) = 0;  // dropped while nobody is connected
  virtual void on_capture_room() = 0;                   // frames have gone into the file
  virtual void fail_capture(const CloseReason& ending) = 0;
  virtual Time capture_now() const = 0;
};

class CaptureSession final : private CaptureDelegate {
 public:
  CaptureSession(const Config& config, const PublishHello& hello, CaptureOwner& owner);

  // The file is begun. capture_writers: null where no files can be made.
  void begin(CaptureWriterFactory* capture_writers, const std::string& stream);

  // A publisher is connected, or is again: credit, and the result if it is there.
  void greet();
  // A message with a piece of a frame, before it goes through the cutter. Errc::protocol: of
  // another frame than the one that is due, without its hash, or after the end; Errc::past_credit.
  // What comes after a failure is dropped.
  Result<void> admit(const FramePiece& piece);
  // And after. Errc::malformed_media unless the frame's last piece ends one picture, and only that.
  Result<void> admitted(const FramePiece& piece);
  void append(PartPtr frame);
  // Likewise the config of frames that are packets. Errc::protocol: it is not due; malformed_media:
  // the message is not one whole config, or not of this film.
  Result<void> admit_config();
  Result<void> admitted_config();
  void configure(PartPtr config);
  // Sound beside the frames. Errc::protocol: there is to be none, or another sample is due;
  // malformed_media: no whole samples; past_credit: too far ahead of the frames.
  Result<void> append_sound(std::uint64_t first, Bytes samples);
  // incomplete: as of CaptureWriter::finish(). Once is enough.
  void finish(std::string incomplete);
  void cancel();
  void tick();

  // More bytes are on their way than frames of this size take: the publisher is not read from.
  bool full() const { return waiting_bytes_ > most_bytes_; }
  // The file is finished, or will never be.
  bool over() const { return recorded_.has_value() || ending_.has_value(); }
  std::uint64_t taken() const { return credits_.taken(); }

 private:
  struct Sample {
    Time at;
    std::uint64_t written;
  };

  void on_written(std::uint64_t frames) override;
  void on_failed(CloseReason ending) override;
  void on_kept(const RecordingInfo& info, std::uint64_t frames) override;
  void on_lost(CloseReason ending) override;
  bool failed() const { return failure_ || ending_; }
  void report_credit();
  void report_progress(Time now);

  const codec::CaptureSpec spec_;
  const std::uint64_t wanted_;  // frames in all; 0 = not said
  CaptureOwner& owner_;
  CreditWindow credits_;
  const std::uint64_t most_bytes_;  // that frames within credit take, unless they are monsters
  std::deque<std::size_t> sizes_;   // of the frames on their way
  std::uint64_t waiting_bytes_ = 0;
  std::uint64_t frame_bytes_ = 0;   // of the frame that is coming in
  std::uint64_t newest_bytes_ = 0;  // of the last one that was cut
  std::uint32_t hash_ = 0;          // of the frame that is coming in
  std::uint64_t samples_heard_ = 0;
  PartPtr config_;             // of packets
  bool config_due_ = false;    // in the message that is being cut
  bool config_stray_ = false;  // one came where a frame was due
  std::uint64_t reported_credit_ = 0;
  std::deque<Sample> samples_;
  std::uint64_t reported_taken_ = 0;
  std::uint64_t reported_written_ = 0;
  bool finished_ = false;
  std::optional<CloseReason> failure_;     // its file is still being finished
  std::optional<std::string> recorded_;    // JSON
  std::optional<CloseReason> ending_;      // after which nothing comes
  std::unique_ptr<CaptureWriter> writer_;  // the last member: it calls back
};

// The JSON texts to its publisher (PROTOCOL.md, "Lossless capture").
std::string credit_message(std::uint64_t frames);
struct CaptureProgress {
  std::uint64_t taken = 0;
  std::uint64_t written = 0;
  double fps = 0;
  std::optional<std::int64_t> eta_ms;
};
std::string progress_message(const CaptureProgress& progress);
std::string captured_message(const RecordingInfo& info, std::uint64_t frames, bool hashed);

}  // namespace framewire::relay
