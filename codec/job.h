// What passes between the server and its codec worker, a child process that makes derived
// renditions.
//
//   control, SOCK_SEQPACKET, server to worker: one message per job, JSON of its JobSpec, with the
//     job's socket as SCM_RIGHTS. Its end is the worker's.
//   job socket, SOCK_STREAM, server to worker: what a framewire.v1 viewer of the origin gets, ws
//     frames and all (PROTOCOL.md).
//   job socket, worker to server: frames
//
//       +-------+-------+-------+-------+-------+---------
//       |       length of the rest      | kind  | payload
//       +-------+-------+-------+-------+-------+---------
//
//     Either end may close it, at any time.
//
// Thread: any.  Errors: protocol, for what the other side should not have sent.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"

namespace framewire::codec {

// How pictures are encoded where an output needs it.
struct Transcoding {
  unsigned quality = 70;    // 1 (small) to 100 (best), if kbps is 0
  unsigned kbps = 0;        // > 0: this bitrate
  unsigned max_height = 0;  // higher pictures are made smaller; 0 = never
};

struct JobSpec {
  std::uint64_t number = 0;                // unique in its worker
  std::string stream;                      // the origin's name, for the log
  std::string output;                      // a row of codec/outputs.h
  std::optional<Transcoding> transcoding;  // none: what does not fit is refused
  // What was made of it before another source: it goes on with what its origin received from here
  // on, by V1Header::clock_us. 0: it begins.
  std::int64_t from_us = 0;
};
std::string to_json(const JobSpec& job);
Result<JobSpec> job_from_json(std::string_view text);

enum class WorkerEvent : std::uint8_t {
  media = 1,       // bytes of the derived rendition, cut anywhere
  ended = 2,       // the origin ended and all of it is made
  refused = 3,     // the origin's media does not fit this output; payload: why, a sentence
  failed = 4,      // this epoch broke off; payload: why. A new job may do better
  use_source = 5,  // the origin does not fit, but this output of it would; payload: an Instead
  left_out =
      6,  // something of the origin is not in this output; payload: what, and why: a sentence
};

// "h264 1790000000000000": what fits, and since when (JobSpec::from_us) the origin does not; 0: not
// known.
struct Instead {
  std::string output;
  std::int64_t from_us = 0;
};
std::string to_text(const Instead& instead);
Instead instead_from_text(std::string_view text);

constexpr std::size_t kJobHeadBytes = 5;
constexpr std::size_t kMaxJobFrame = 1u << 20;
constexpr std::size_t kMaxControlBytes = 4096;

struct JobHead {
  WorkerEvent kind = WorkerEvent::media;
  std::size_t payload_bytes = 0;
};
void append_head(Buffer& to, const JobHead& head);

// The server's side of the stream of frames.
class JobFrames {
 public:
  using Take = std::function<void(WorkerEvent kind, Bytes payload)>;
  // take is called for each frame that is whole; media also for what is there of one.
  Result<void> feed(Bytes bytes, const Take& take);

 private:
  Buffer held_;  // an unfinished head, or an unfinished frame that is not media
  std::size_t media_left_ = 0;
};

}  // namespace framewire::codec
