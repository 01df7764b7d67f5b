#include "ingest/intake/intake.h"

#include <fmt/format.h>

#include <utility>

#include "ingest/base/try.h"
#include "ingest/intake/foreign_format.h"
#include "ingest/intake/make_cutter.h"
#include "ingest/intake/sniff.h"

namespace framewire {
namespace {

constexpr std::size_t kMostWrappings = 2;
// A first message at least this long is judged by itself; shorter ones may be the head of
// something.
constexpr std::size_t kSniffAlone = 12;

// Any bytes may be meant, those of a wrapping too.
bool is_opaque(Format format) {
  return format == Format::binary || format == Format::rgba || format == Format::packets;
}

// Streams without a container.
bool is_bare(Format format) {
  return format == Format::h264 || format == Format::hevc || format == Format::aac ||
         format == Format::mp3 || format == Format::wav;
}

}  // namespace

Result<void> Intake::feed(Bytes bytes) {
  return take(0, bytes);
}

// bytes: what `depth` unwrappers have left.
Result<void> Intake::take(std::size_t depth, Bytes bytes) {
  if (depth < unwrappers_.size())
    return unwrappers_[depth]->feed(bytes,
                                    [this, depth](Bytes inner) { return take(depth + 1, inner); });
  if (cutter_) return cut(bytes);
  if (options_.format && is_opaque(*options_.format)) {
    RETURN_IF_ERROR(start(*options_.format));
    return cut(bytes);
  }
  if (bytes.empty()) return {};
  held_.emplace_back(bytes.begin(), bytes.end());
  held_bytes_ += bytes.size();
  return settle(held_bytes_ >= kSniffBytes || (options_.messages && held_bytes_ >= kSniffAlone));
}

// Names what is held, if it can be told; decide: now.
Result<void> Intake::settle(bool decide) {
  Buffer start_bytes;
  for (const Buffer& piece : held_) append(start_bytes, piece);
  if (!bare_) {
    const auto wrapping = sniff_wrapping(start_bytes);
    if (!wrapping && !decide) return {};
    if (wrapping.value_or(Wrapping::none) != Wrapping::none) {
      unwrappers_.push_back(make_unwrapper(*wrapping));
      bare_ = unwrappers_.size() == kMostWrappings;
      held_.clear();
      held_bytes_ = 0;
      return take(unwrappers_.size() - 1, start_bytes);
    }
    bare_ = true;
  }
  auto format = options_.format ? options_.format : sniff(start_bytes, decide);
  if (!format) return {};
  if (!options_.format && *format == Format::binary) note_unknown(start_bytes);
  // A page that sends its encoder's packets, one a message, wants them whole at the other end.
  if (!options_.format && options_.messages && is_bare(*format)) format = Format::binary;
  RETURN_IF_ERROR(start(*format));
  held_bytes_ = 0;
  const std::vector<Buffer> held = std::exchange(held_, {});
  if (*format != Format::binary && !is_pictures(*format)) return cut(start_bytes);
  for (const Buffer& piece : held) RETURN_IF_ERROR(cut(piece));
  return {};
}

// Who sends messages of no format means what they are; who sends a body, or a film, does not.
void Intake::note_unknown(Bytes start_bytes) {
  const auto name = name_foreign_format(start_bytes);
  if (!name && options_.messages) return;
  sink_.on_note(
      {"format-unknown",
       fmt::format("{} is passed on as it is, and no player here shows it: publish MPEG-TS, FLV, "
                   "WebM, Matroska or fragmented MP4 (ffmpeg -i ... -c copy -f mpegts)",
                   name.value_or("a stream of no known format")),
       0});
}

Result<void> Intake::start(Format format) {
  ASSIGN_OR_RETURN(cutter_, make_cutter(format, options_.cutter, sink_));
  return {};
}

Result<void> Intake::cut(Bytes bytes) {
  cutter_->stamp(stamp_us_);
  return cutter_->feed(bytes);
}

Result<void> Intake::finish() {
  Result<void> ended;
  for (std::size_t depth = 0; depth < unwrappers_.size(); ++depth) {
    auto done =
        unwrappers_[depth]->finish([this, depth](Bytes inner) { return take(depth + 1, inner); });
    if (!done && ended) ended = std::move(done);
  }
  if (!cutter_ && !held_.empty()) RETURN_IF_ERROR(settle(true));
  if (!cutter_) return ended;
  auto finished = cutter_->finish();
  return finished ? ended : finished;
}

}  // namespace framewire
