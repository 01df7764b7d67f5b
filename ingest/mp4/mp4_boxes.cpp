#include "ingest/mp4/mp4_boxes.h"

#include <fmt/format.h>

#include <algorithm>

#include "ingest/base/try.h"

namespace framewire::mp4 {

std::string to_text(FourCc type) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const char c = static_cast<char>((type >> shift) & 0xff);
    text += c >= ' ' && c <= '~' ? c : '?';
  }
  return text;
}

//  0       4      8                 16
//  size(4) | type | (size = 1: size(8)) | body
Result<std::optional<BoxHead>> read_box_head(Bytes bytes, std::uint64_t offset) {
  if (bytes.size() < 8) return std::nullopt;
  BoxHead head;
  head.head_bytes = 8;
  head.size = load_be<std::uint32_t>(bytes);
  head.type = load_be<FourCc>(bytes, 4);
  if (head.size == 0) return head;
  if (head.size == 1) {
    if (bytes.size() < 16) return std::nullopt;
    head.head_bytes = 16;
    head.size = load_be<std::uint64_t>(bytes, 8);
  }
  if (head.size < head.head_bytes)
    return fail(Errc::malformed_media,
                fmt::format("an MP4 box '{}' of {} bytes, less than its head", to_text(head.type),
                            head.size),
                offset);
  return head;
}

Result<std::optional<Box>> BoxReader::next() {
  if (left_.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(const auto head, read_box_head(left_, offset_));
  if (!head) return fail(Errc::malformed_media, "bytes behind the last MP4 box", offset_);
  const std::uint64_t size = head->size;
  if (size == 0 || size > left_.size())
    return fail(Errc::malformed_media,
                fmt::format("an MP4 box '{}' of {} bytes in {} bytes of its container",
                            to_text(head->type), size, left_.size()),
                offset_);
  const auto whole = static_cast<std::size_t>(size);
  const std::size_t head_bytes = head->head_bytes;
  const Box box{head->type, offset_, left_.subspan(head_bytes, whole - head_bytes),
                offset_ + head_bytes};
  left_ = left_.subspan(whole);
  offset_ += whole;
  return box;
}

const Track* Movie::find(std::uint32_t id) const {
  const auto at = std::ranges::find(tracks, id, &Track::id);
  return at == tracks.end() ? nullptr : &*at;
}

bool Movie::has_video() const {
  return std::ranges::any_of(tracks,
                             [](const Track& t) { return t.info.kind == TrackKind::video; });
}

}  // namespace framewire::mp4
