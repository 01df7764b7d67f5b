// A cutter turns a publisher's bytes into parts: the smallest runs of whole container elements that
// may be sent alone. One class per format; sans-I/O: no socket, no clock, no thread.
//
// Invariants, which every cutter keeps and the fuzz targets check:
//   1. The origin parts of the stream, concatenated (those with joiners_only left out), equal the
//      bytes fed, up to the last whole element; of bare streams (ingest/bare/) the container that
//      is made of them.
//   2. Init part + any part with group_start + what follows is a valid stream from its first byte.
//   3. After an error every further feed() gives the same error; parts handed out before stay good.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"
#include "ingest/base/format.h"
#include "ingest/base/limits.h"

namespace framewire {

// What a video made of pictures does when their size changes: begins a new epoch, or goes on in the
// size it has, with the picture stretched, or in the middle of black bars.
enum class Resize : std::uint8_t { epoch, scale, pad };
std::string_view to_string(Resize resize);
std::optional<Resize> resize_named(std::string_view name);

enum class TrackKind : std::uint8_t { video, audio, other };

struct TrackInfo {
  TrackKind kind = TrackKind::other;
  std::string codec;        // RFC 6381, from the bitstream: "vp8", "avc1.42E01F", "opus"
  std::uint32_t width = 0;  // video, pixels, as the container says
  std::uint32_t height = 0;
  std::uint32_t sample_rate = 0;  // audio, Hz
  std::uint32_t channels = 0;
};

// What a viewer must know before an init part. Starts an epoch.
struct EpochInfo {
  Format format = Format::binary;
  std::string mime;               // e.g. video/webm; codecs="vp8,opus"
  std::vector<TrackInfo> tracks;  // empty for pictures and binary
  std::uint32_t width = 0;        // pictures and rgba: pixels
  std::uint32_t height = 0;
  double fps = 0;                   // pictures and rgba: as the hello said; 0 = it varies
  Resize resize = Resize::epoch;    // pictures: likewise
  bool has_webm_rendition = false;  // the regrouped `webm` rendition is cut as well
};

// origin: the published bytes. webm: the same blocks, a new Cluster at each keyframe and only
// there.
enum class Rendition : std::uint8_t { origin, webm };

struct CutPart {
  bool init = false;          // an init segment; else media
  bool group_start = false;   // viewers may join and skip to here (media only)
  bool joiners_only = false;  // an init that the published bytes do not hold at this point (MPEG-TS
                              // and FLV whose config changed): for those who join or skip, not for
                              // those who have read everything
  std::int64_t pts_us = 0;    // of the first picture or sample, microseconds; media only
  Bytes payload;              // valid during the call
};

// Something odd that the stream goes on over: told to the publisher, each code once.
struct CutNote {
  std::string code;          // for programs: "ts-sync-lost"
  std::string what;          // a sentence: what is odd, and what is made of it
  std::uint64_t offset = 0;  // bytes from the start of what was fed
};

// Called from within feed() and finish(), in stream order.
class PartSink {
 public:
  virtual ~PartSink() = default;
  // Before the epoch's init part (formats without init: before the first part).
  virtual void on_epoch(const EpochInfo& info) = 0;
  virtual void on_part(Rendition rendition, const CutPart& part) = 0;
  // Once for each code.
  virtual void on_note(const CutNote& /*note*/) {}
};

class Cutter {
 public:
  virtual ~Cutter() = default;
  // bytes: one message, or any piece of a byte stream; only `binary` keeps message boundaries.
  // Emits every part that is complete at its end. Error offsets count from the first byte fed.
  virtual Result<void> feed(Bytes bytes) = 0;
  // The publisher is done: emits what is whole and still held. An unfinished element is an error,
  // with its offset; what came before it stays good.
  virtual Result<void> finish() = 0;
  // The time that the publisher gives what begins in the bytes fed next, microseconds. Formats with
  // times of their own, and pictures at a known rate, don't need it.
  virtual void stamp(std::int64_t /*pts_us*/) {}
};

struct CutterOptions {
  Limits limits;
  std::uint32_t width = 0;  // rgba, from the hello
  std::uint32_t height = 0;
  double fps = 0;  // pictures: pts of frame n is n / fps; 0 = unknown, pts as stamped
  Resize resize = Resize::epoch;
};

}  // namespace framewire
