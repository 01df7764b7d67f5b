// A stream at its home loop: the cutter its publisher's bytes go through, the rings they end in,
// and the loops that have a local stream of it. Who publishes is PublisherSession's. Thread: its
// home loop's. Lifetime: from the first request to the end of the stream (ended()).
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ingest/intake/intake.h"
#include "relay/base/event.h"
#include "relay/fanout/local_stream.h"
#include "relay/streams/capture_session.h"
#include "relay/streams/chat.h"
#include "relay/streams/delay_tally.h"
#include "relay/streams/keyframe_asks.h"
#include "relay/streams/link_event.h"
#include "relay/streams/neighbours.h"
#include "relay/streams/publisher.h"
#include "relay/streams/publisher_session.h"
#include "relay/streams/side_channel_limiter.h"
#include "relay/streams/stream_recorder.h"

namespace framewire::relay {

// The local streams of a stream on other loops than its home.
using Remotes = std::vector<LocalStreamId>;

// How a stream reaches the other side, whichever loop it is on. Implemented by the Hub. Calls are
// posted and never re-enter the stream, except capture_writers() and now().
class StreamDelegate {
 public:
  virtual ~StreamDelegate() = default;
  virtual void to_local_streams(const Remotes& to, const std::string& stream,
                                StreamEvent event) = 0;
  virtual void to_publisher(PublisherId publisher, PublisherEvent event) = 0;
  virtual void to_speaker(SpeakerId speaker, std::string json) = 0;
  virtual void to_directory(StreamSummary summary) = 0;
  virtual void announce(Event event) = 0;
  virtual CaptureWriterFactory* capture_writers() = 0;  // null: no files can be made
  virtual Time now() const = 0;
};

class Stream final : private PartSink, private CaptureOwner {
 public:
  // local stream: the home loop's own, which outlives the stream. recorder: null when nothing is
  // recorded.
  Stream(const Config& config, LoopCounters& counters, StreamDelegate& delegate,
         LocalStream& local_stream, StreamRecorder* recorder);
  ~Stream();

  // A publisher wants the stream: grants it, resumes it or refuses it, by way of the delegate.
  void on_publish_request(const PublishRequest& request);
  // The publisher's next message, or the next piece of its body. Ignored from anybody else.
  void receive(PublisherId from, Bytes bytes);
  void leave(PublisherId from, PublisherExit how);
  // Of another server's stream: what its link brings. Ignored from anybody but its publisher.
  void take_link(PublisherId from, const LinkEvents& events);
  // It is another server's, here by way of a link.
  bool linked() const { return publisher_.framing() == PublishFraming::link; }
  // A derived stream that cannot be made: its viewers are told why, and it ends.
  void refuse_viewers(const std::string& why);

  // Told once: to the publisher, to who asks for the stream's JSON, in the log.
  void warn(const std::string& code, const std::string& what);

  // Somebody would have use for a group that begins now, unless the newest one is younger than so:
  // asks a publisher that makes keyframes when asked, at most each Config::keyframe_every.
  void want_keyframe(Duration older_than);

  // The side channel: to publisher and viewers, or a warning to who said it.
  void on_side_text(SpeakerId from, const SideText& text);
  // By the publisher; ignored from anybody else.
  void mute(PublisherId from, const MuteMessage& mute);

  // By a moderator. False: too many would be muted.
  bool moderate(const ChatOrder& order);
  ChatState chat() const;

  // By an operator: what it is called from now on; false: as before. And its end, now: the
  // publisher is told why, and cannot resume.
  bool rename(const std::string& title);
  void stop(const CloseReason& why);
  // By an operator or a moderator, here or on another server. False: too many would be muted.
  bool obey(const StreamOrder& order);

  // What it is called from now on. False: as before, or said by somebody else than its publisher.
  bool set_title(PublisherId from, const std::string& title);
  // Its pictures stand still, or move again. False: said by somebody else than its publisher.
  bool report_still(PublisherId from, bool still);
  // A text to its publisher and its viewers.
  void broadcast_text(const std::string& json, TextKind kind);

  // Asked for by the API: from the newest group on, or no longer. Holds until the stream ends.
  // False: this server records nothing.
  bool record(bool on);

  // False: it is one already.
  bool add_local_stream(LocalStreamId local_stream);
  void remove_local_stream(LocalStreamId local_stream);
  void set_attendance(unsigned loop, Attendance attendance) { remote_[loop] = attendance; }

  // At the end of a turn: what was cut goes to the other loops. The home's local stream is flushed
  // by its hub.
  void flush();
  void tick(Time now);
  bool ended() const { return ended_; }
  // Over all loops and derived renditions; of other loops as of a moment ago.
  std::size_t viewers() const { return attendance().viewers + derived_viewers_; }
  // The same, or of a linked stream those on all servers.
  std::size_t all_viewers() const { return linked() ? linked_viewers_ : viewers(); }
  std::size_t derived_viewers() const { return derived_viewers_; }
  // A viewer says how long a picture took, from its capture to the screen.
  void note_delay(double seconds) { delays_.add(seconds, delegate_.now()); }
  void set_derived_viewers(std::size_t count) { derived_viewers_ = count; }
  Attendance attendance() const;
  const std::string& name() const { return local_stream_.stream(); }

 private:
  class Regrouped;
  void begin_linked_epoch(const LinkEpoch& epoch);
  void take_linked_part(const PartPtr& part);
  void skip_linked(const LinkGap& gap);
  void set_linked_state(const StateChanged& state);
  bool add(Rendition rendition, PartPtr part);
  void on_epoch(const EpochInfo& info) override;
  void on_part(Rendition rendition, const CutPart& part) override;
  void on_note(const CutNote& note) override;
  void send_to_capturer(std::string json) override;
  void on_capture_room() override;
  void fail_capture(const CloseReason& ending) override;
  Time capture_now() const override { return delegate_.now(); }

  void begin(const PublishRequest& request);
  Result<void> take_message(Bytes message);
  Result<void> take_frame(const V1Header& header, Bytes message);
  Result<void> take_config(Bytes config);
  Result<void> take_sound(const V1Header& header, Bytes samples);
  Result<void> take_media(Bytes media);
  void start_intake();
  std::optional<Error> finish_intake();  // the error of an unfinished element
  void fail_publisher(Error error);
  void drop_publisher(const CloseReason& ending);
  void lose_publisher(std::string_view waiting_reason, std::string_view end_reason);
  void report_begin();
  void report_end(std::string_view reason);
  void report_watched(bool watched);
  void log_begin();
  void log_end(std::string_view reason);
  void end(std::string_view reason);
  void keep_recording();
  void stop_recording();
  void send_ack();
  void forget_publisher();
  bool makes_keyframes() const;
  bool must_hold() const;
  void hold_or_release();
  void report(Time now);
  void broadcast(StreamEvent event);  // the home's own, and the others
  void send_to_publisher(std::string json);
  StreamSummary summary() const;

  const Config& config_;
  LoopCounters& counters_;
  StreamDelegate& delegate_;
  LocalStream& local_stream_;
  const bool derived_;  // nobody publishes it: what comes is not counted as received
  Remotes remotes_;
  std::map<unsigned, Attendance> remote_;
  std::vector<StreamWarning> warnings_;
  std::vector<RenditionEntry> outbox_;
  const Posting::Bytes under_way_ = std::make_shared<std::atomic<std::size_t>>(0);

  PublisherSession publisher_;
  bool begin_logged_ = false;  // of this publication
  bool told_begin_ = false;    // `publish`, and not `unpublish` yet
  bool told_watched_ = false;  // `first-viewer`, and not `last-viewer` yet
  std::size_t most_viewers_ = 0;
  bool ended_ = false;

  // What was received, of this publication.
  std::unique_ptr<Intake> intake_;
  std::uint64_t received_bytes_ = 0;

  // What was cut.
  EpochInfo info_;
  std::uint32_t epoch_ = 0;
  std::array<EpochPtr, 2> epochs_;
  std::array<std::uint64_t, 2> next_sequence_{};
  KeyframeAsks keyframes_;

  // What is said.
  StreamSideChannelLimiter speech_;
  SlowMode slow_;
  std::set<std::string> muted_;  // senders
  std::int64_t newest_pts_us_ = 0;

  // Recording.
  StreamRecorder* const recorder_;
  std::optional<bool> record_asked_;  // by the API
  std::unique_ptr<StreamRecording> recording_;

  // Lossless capture; null unless the hello says so.
  std::unique_ptr<CaptureSession> capture_;

  // By a link.
  std::shared_ptr<Regrouped> regrouped_;  // null: no webm rendition is cut here
  StreamState linked_state_ = StreamState::live;
  std::size_t linked_viewers_ = 0;
  std::size_t told_home_ = 0;  // how many watch here

  // What was told.
  DelayTally delays_;
  std::size_t derived_viewers_ = 0;
  std::size_t told_viewers_ = 0;
  Time reported_at_{};
  std::uint64_t reported_bytes_ = 0;
  std::int64_t started_ms_ = 0;
};

}  // namespace framewire::relay
