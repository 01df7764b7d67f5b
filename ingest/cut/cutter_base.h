// What the hand-written cutters share: bytes held over from one feed() to the next, the run of
// whole elements that becomes the next part, byte offsets in the stream, and the error that stays.
//
//   fed so far   | parts handed out | run: whole elements | rest(): perhaps unfinished |
//                                   ^ window_             ^ rest_offset()
//
// A message that begins where nothing is held is cut where it lies and only its unfinished tail is
// copied. Every byte is looked at a fixed number of times, however the stream is cut into feeds.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/assert.h"
#include "ingest/cut/cutter.h"

namespace framewire {

class CutterBase : public Cutter {
 public:
  Result<void> feed(Bytes bytes) final;
  Result<void> finish() final;

 protected:
  CutterBase(const Limits& limits, PartSink& sink) : limits_(limits), sink_(sink) {}

  // Moves every whole element of rest() into runs and parts. Called again with more bytes behind
  // the same rest().
  virtual Result<void> cut() = 0;
  // Hands out what is whole: after each cut(), also one that failed. `at_end`: nothing will follow.
  virtual void flush(bool at_end) {
    (void)at_end;
    emit_run();
  }
  // "a tag": what rest() holds when the stream ends inside it.
  virtual std::string_view element_name() const = 0;
  // The stream is over and flushed. By default any byte left is an unfinished element.
  virtual Result<void> end();

  Bytes rest() const {
    FW_ASSERT(run_bytes_ <= window_.size());
    return window_.subspan(run_bytes_);
  }
  std::uint64_t rest_offset() const { return window_offset_ + run_bytes_; }
  Bytes run() const { return window_.first(run_bytes_); }
  std::uint64_t run_offset() const { return window_offset_; }

  // The next n bytes of rest() join the run, whatever it is.
  void take(std::size_t n) {
    FW_ASSERT(n <= window_.size() - run_bytes_);
    run_bytes_ += n;
  }
  // The next n bytes are a whole media element. It joins the run, or starts the next one: before a
  // group, and where the run would pass part_target_bytes.
  void take_media(std::size_t n, bool group_start, std::int64_t pts_us);
  // The run becomes a part. Its payload member is filled in here.
  void emit_run(const CutPart& facts);
  void emit_run() { emit_run(facts_); }
  // The next n bytes of rest() are left out of what was published; there is no run.
  void leave_out(std::size_t n);
  // The run is a group of its own.
  void emit_group(std::int64_t pts_us);
  // The first n bytes of the run become a part, the others stay the run.
  void emit_front(std::size_t n, const CutPart& facts);

  // The facts of the media run, as take_media() left them.
  CutPart facts_;

  tl::unexpected<Error> malformed(std::string what, std::size_t at_in_rest = 0) const {
    return fail(Errc::malformed_media, std::move(what), rest_offset() + at_in_rest);
  }
  // limit_exceeded at rest() when an element (with what must go with it) is over its limit.
  Result<void> check_size(std::string_view what, std::uint64_t size, std::size_t limit) const;

  // Tells it, unless this code was told before.
  void note(std::string_view code, std::string what, std::uint64_t offset);

  const Limits& limits() const { return limits_; }
  PartSink& sink() const { return sink_; }

 private:
  void keep(Bytes left);

  Limits limits_;
  PartSink& sink_;
  Buffer held_;
  Bytes window_;  // during feed(): all bytes not handed out yet; else held_
  std::uint64_t window_offset_ = 0;
  std::size_t run_bytes_ = 0;
  bool finished_ = false;
  std::optional<Error> error_;
  std::vector<std::string_view> noted_;  // codes: static text
};

}  // namespace framewire
