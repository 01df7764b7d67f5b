// From a publisher's first byte to parts: unwraps (wrapping.h), names the format (sniff.h), and
// cuts (cutter.h).
//
//   bytes -> Unwrapper? -> Unwrapper? -> sniff -> Cutter -> PartSink
//
// Thread: one. Errors: those of the unwrappers and cutters; the same again after the first.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "ingest/cut/cutter.h"
#include "ingest/intake/wrapping.h"

namespace framewire {

struct IntakeOptions {
  std::optional<Format> format;  // as the publisher says; nullopt: by the first bytes
  bool messages = false;         // what is fed are messages, not pieces of a body
  CutterOptions cutter;
};

class Intake {
 public:
  // sink outlives it.
  Intake(const IntakeOptions& options, PartSink& sink) : options_(options), sink_(sink) {}

  Result<void> feed(Bytes bytes);
  // The publisher is done: gives out what is held. The error of an unfinished element.
  Result<void> finish();
  // Of what is fed next; see Cutter::stamp().
  void stamp(std::int64_t pts_us) { stamp_us_ = pts_us; }
  // Bytes were named and are cut.
  bool begun() const { return cutter_ != nullptr; }

 private:
  Result<void> take(std::size_t depth, Bytes bytes);
  Result<void> settle(bool decide);
  void note_unknown(Bytes start_bytes);
  Result<void> start(Format format);
  Result<void> cut(Bytes bytes);

  const IntakeOptions options_;
  PartSink& sink_;
  std::vector<std::unique_ptr<Unwrapper>> unwrappers_;  // the outer one first
  std::vector<Buffer> held_;                            // messages that are not named yet
  std::size_t held_bytes_ = 0;
  std::unique_ptr<Cutter> cutter_;
  std::int64_t stamp_us_ = 0;
  bool bare_ = false;  // what is inside is not wrapped
};

}  // namespace framewire
