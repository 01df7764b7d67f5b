// What a stream receives, and what is cut of it.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "relay/fanout/messages.h"
#include "relay/streams/stream.h"

namespace framewire::relay {

// ---- what is received

void Stream::receive(PublisherId from, Bytes bytes) {
  if (!publisher_.is(from) || ended_) return;
  if (!derived_) ++counters_.received_messages;
  const Result<void> taken =
      publisher_.framing() == PublishFraming::v1 ? take_message(bytes) : take_media(bytes);
  if (!taken) {
    fail_publisher(taken.error());
    return;
  }
  if (publisher_.ack_is_due()) send_ack();
  if (!publisher_.held()) hold_or_release();
}

// PROTOCOL.md, "The framewire.v1 binary header", publisher to server.
Result<void> Stream::take_message(Bytes message) {
  auto read = read_v1_header(message);
  if (!read) return fail(read.error().code, std::move(read.error().what), received_bytes_);
  const V1Header& header = *read;
  if (header.kind != V1Kind::media && !capture_)
    return fail(Errc::protocol,
                fmt::format("a message of kind {} is for lossless captures",
                            static_cast<unsigned>(header.kind)),
                received_bytes_);
  auto fresh = publisher_.expect(header, wall_clock_us());
  if (!fresh) return fail(fresh.error().code, std::move(fresh.error().what), received_bytes_);
  if (!*fresh) {
    ++counters_.duplicate_messages;
    return {};
  }
  const Bytes payload = message.subspan(header.bytes);
  auto taken = header.kind == V1Kind::sound  ? take_sound(header, payload)
               : header.kind == V1Kind::init ? take_config(payload)
               : capture_                    ? take_frame(header, message)
                                             : take_media(payload);
  if (!taken) return taken;
  publisher_.took(message.size());
  return {};
}

// PROTOCOL.md, "Lossless capture": a piece of a frame.
Result<void> Stream::take_frame(const V1Header& header, Bytes message) {
  FramePiece piece;
  piece.frame = static_cast<std::uint64_t>(header.pts_us);
  piece.last = !header.more();
  piece.bytes = message.size() - header.bytes;
  piece.hash = v1_frame_hash(message, header);
  if (auto may = capture_->admit(piece); !may) return may;
  if (auto taken = take_media(message.subspan(header.bytes)); !taken) return taken;
  return capture_->admitted(piece);
}

Result<void> Stream::take_sound(const V1Header& header, Bytes samples) {
  received_bytes_ += samples.size();
  counters_.received_bytes += samples.size();
  return capture_->append_sound(static_cast<std::uint64_t>(header.pts_us), samples);
}

Result<void> Stream::take_config(Bytes config) {
  if (auto may = capture_->admit_config(); !may) return may;
  if (auto taken = take_media(config); !taken) return taken;
  return capture_->admitted_config();
}

Result<void> Stream::take_media(Bytes media) {
  received_bytes_ += media.size();
  if (!derived_) counters_.received_bytes += media.size();
  if (!intake_) start_intake();
  intake_->stamp(publisher_.stamp_us());
  return intake_->feed(media);
}

void Stream::start_intake() {
  IntakeOptions options;
  const PublishHello& hello = publisher_.hello();
  options.format = hello.format;
  options.messages = publisher_.framing() != PublishFraming::http;
  options.cutter.limits = config_.limits;
  options.cutter.width = hello.width;
  options.cutter.height = hello.height;
  options.cutter.fps = hello.fps;
  options.cutter.resize = hello.resize;
  PartSink& sink = *this;
  intake_ = std::make_unique<Intake>(options, sink);
}

// Lets out what is still held; a broken tail is worth a line in the log, no more.
std::optional<Error> Stream::finish_intake() {
  std::optional<Error> error;
  if (!intake_) return error;
  if (auto finished = intake_->finish(); !finished) {
    error = std::move(finished.error());
    spdlog::debug("stream {}: {} (byte {})", name(), error->what, error->offset);
  }
  intake_.reset();
  return error;
}

void Stream::fail_publisher(Error error) {
  spdlog::warn("stream {}: publisher's error {} at byte {}: {}", name(), to_string(error.code),
               error.offset, error.what);
  if (capture_) capture_->finish(error.what);
  drop_publisher(close_reason_for(std::move(error)));
}

// It broke the stream: nothing goes on from there.
void Stream::drop_publisher(const CloseReason& ending) {
  delegate_.to_publisher(publisher_.id(), ending);
  intake_.reset();
  publisher_.spoil();
  lose_publisher("publisher-error", "error");
}

void Stream::send_ack() {
  if (const auto message = publisher_.acknowledge()) send_to_publisher(ack_message(*message));
}

// ---- what is cut

void Stream::on_epoch(const EpochInfo& info) {
  info_ = info;
  ++epoch_;
  epochs_ = {};
  if (recording_) recording_->begin_epoch(info_);
  if (!std::exchange(begin_logged_, true)) log_begin();
  delegate_.to_directory(summary());
}

void Stream::on_part(Rendition rendition, const CutPart& cut) {
  const auto index = static_cast<std::size_t>(rendition);
  PartFacts facts;
  facts.init = cut.init;
  facts.group_start = cut.group_start;
  facts.joiners_only = cut.joiners_only;
  facts.epoch = epoch_;
  facts.sequence = next_sequence_[index]++;
  facts.pts_us = cut.init ? 0 : cut.pts_us;
  if (!cut.init && rendition == Rendition::origin) newest_pts_us_ = cut.pts_us;
  facts.received_wall_us = wall_clock_us();
  facts.captured_wall_us = publisher_.captured_us();
  facts.received = delegate_.now();
  PartPtr part = Part::make(facts, cut.payload);
  if (capture_ && cut.init)
    capture_->configure(part);
  else if (capture_)
    capture_->append(part);
  ++counters_.parts_cut;
  if (!add(rendition, std::move(part)) && rendition == Rendition::origin) {
    ++counters_.groups_too_long;
    send_to_publisher(warning_message("group-too-long",
                                      "keyframes are too far apart for late joiners: the group "
                                      "no longer fits the server's ring"));
  }
}

// False: the group outgrew the ring.
bool Stream::add(Rendition rendition, PartPtr part) {
  auto& epoch = epochs_[static_cast<std::size_t>(rendition)];
  if (!epoch)
    epoch =
        std::make_shared<const Epoch>(Epoch{epoch_, info_, part->facts().init ? part : nullptr});
  const RenditionEntry entry{rendition, {std::move(part), epoch}};
  if (recording_ && rendition == Rendition::origin) recording_->append(entry.second);
  if (!remotes_.empty()) outbox_.push_back(entry);
  return local_stream_.append(entry);
}

bool Stream::makes_keyframes() const {
  return publisher_.makes_keyframes() && config_.keyframe_every.count() > 0;
}

void Stream::want_keyframe(Duration older_than) {
  if (!publisher_.present() || !makes_keyframes()) return;
  const Ring& ring = local_stream_.fanout(Rendition::origin).ring();
  std::optional<Time> came;
  if (const auto newest = ring.newest_group()) came = ring.at(*newest).part->facts().received;
  const Duration every = std::max<Duration>(older_than, config_.keyframe_every);
  if (keyframes_.ask(delegate_.now(), every, came)) send_to_publisher(keyframe_message());
}

void Stream::on_note(const CutNote& note) {
  warn(note.code, fmt::format("{} (byte {})", note.what, note.offset));
}

void Stream::warn(const std::string& code, const std::string& what) {
  const auto same = [&](const StreamWarning& told) {
    return told.code == code && told.what == what;
  };
  if (warnings_.size() >= kMostWarnings || std::any_of(warnings_.begin(), warnings_.end(), same))
    return;
  warnings_.push_back({code, what});
  spdlog::warn("stream {}: {}: {}", name(), code, what);
  send_to_publisher(warning_message(code, what));
  delegate_.to_directory(summary());
}

}  // namespace framewire::relay
