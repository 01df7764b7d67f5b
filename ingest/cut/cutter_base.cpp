#include "ingest/cut/cutter_base.h"

#include <fmt/format.h>

#include <algorithm>

namespace framewire {
namespace {
constexpr std::size_t kKeptCapacity = 1u << 20;
}

Result<void> CutterBase::feed(Bytes bytes) {
  if (error_) return tl::make_unexpected(*error_);
  if (finished_) return fail(Errc::internal, "bytes after the end of the stream", rest_offset());
  if (held_.empty()) {
    window_ = bytes;
  } else {
    append(held_, bytes);
    window_ = held_;
  }
  Result<void> done = cut();
  flush(false);
  keep(window_);
  if (!done) error_ = done.error();
  return done;
}

Result<void> CutterBase::finish() {
  if (error_) return tl::make_unexpected(*error_);
  if (finished_) return {};
  finished_ = true;
  flush(true);
  Result<void> done = end();
  keep(window_);
  if (!done) error_ = done.error();
  return done;
}

Result<void> CutterBase::end() {
  if (window_.empty()) return {};
  return fail(Errc::malformed_media, fmt::format("the stream ends inside {}", element_name()),
              rest().empty() ? run_offset() : rest_offset());
}

void CutterBase::take_media(std::size_t n, bool group_start, std::int64_t pts_us) {
  if (run_bytes_ > 0 && (group_start || run_bytes_ + n > limits_.part_target_bytes)) emit_run();
  if (run_bytes_ == 0) {
    facts_ = {};
    facts_.group_start = group_start;
    facts_.pts_us = pts_us;
  }
  take(n);
}

void CutterBase::emit_run(const CutPart& facts) {
  if (run_bytes_ > 0) emit_front(run_bytes_, facts);
}

void CutterBase::leave_out(std::size_t n) {
  window_ = window_.subspan(n);
  window_offset_ += n;
}

void CutterBase::emit_group(std::int64_t pts_us) {
  CutPart facts;
  facts.group_start = true;
  facts.pts_us = pts_us;
  emit_run(facts);
}

void CutterBase::emit_front(std::size_t n, const CutPart& facts) {
  FW_ASSERT(n <= run_bytes_ && run_bytes_ <= window_.size());
  CutPart part = facts;
  part.payload = window_.first(n);
  sink_.on_part(Rendition::origin, part);
  window_ = window_.subspan(n);
  window_offset_ += n;
  run_bytes_ -= n;
}

void CutterBase::note(std::string_view code, std::string what, std::uint64_t offset) {
  if (std::find(noted_.begin(), noted_.end(), code) != noted_.end()) return;
  noted_.push_back(code);
  sink_.on_note({std::string(code), std::move(what), offset});
}

Result<void> CutterBase::check_size(std::string_view what, std::uint64_t size,
                                    std::size_t limit) const {
  if (size <= limit) return {};
  return fail(Errc::limit_exceeded, fmt::format("{} of {} bytes, limit {}", what, size, limit),
              rest_offset());
}

// left is a tail of held_ or of the message that was fed.
void CutterBase::keep(Bytes left) {
  FW_ASSERT(held_.empty() || left.size() <= held_.size());
  if (held_.empty()) {
    held_.assign(left.begin(), left.end());
  } else if (left.empty() && held_.capacity() > kKeptCapacity) {
    held_ = Buffer{};
  } else {
    held_.erase(held_.begin(), held_.end() - static_cast<std::ptrdiff_t>(left.size()));
  }
  window_ = held_;
}

}  // namespace framewire
