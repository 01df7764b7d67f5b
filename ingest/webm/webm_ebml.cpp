#include "ingest/webm/webm_ebml.h"

#include <bit>

namespace framewire::ebml {
namespace {

std::size_t length_of(std::byte first) {  // 9 when no bit is set
  return 1 + static_cast<std::size_t>(std::countl_zero(std::to_integer<std::uint8_t>(first)));
}

}  // namespace

HeadResult read_head(Bytes bytes) {
  if (bytes.empty()) return {};
  const std::size_t id_length = length_of(bytes[0]);
  if (id_length > 4) return {HeadState::malformed, {}};
  if (bytes.size() <= id_length) return {};
  ElementHead head;
  for (std::size_t i = 0; i < id_length; ++i)
    head.id = (head.id << 8) | std::to_integer<std::uint32_t>(bytes[i]);
  const std::size_t size_length = length_of(bytes[id_length]);
  if (size_length > 8) return {HeadState::malformed, {}};
  if (bytes.size() < id_length + size_length) return {};
  const Vint size = *read_vint(bytes.subspan(id_length));
  const std::uint64_t all_ones = (std::uint64_t{1} << (7 * size_length)) - 1;
  head.size = size.value == all_ones ? kUnknownSize : size.value;
  head.head_bytes = id_length + size_length;
  return {HeadState::whole, head};
}

std::optional<Vint> read_vint(Bytes bytes) {
  if (bytes.empty()) return std::nullopt;
  const std::size_t length = length_of(bytes[0]);
  if (length > 8 || bytes.size() < length) return std::nullopt;
  std::uint64_t value = std::to_integer<std::uint64_t>(bytes[0]) & (0xFFu >> length);
  for (std::size_t i = 1; i < length; ++i)
    value = (value << 8) | std::to_integer<std::uint64_t>(bytes[i]);
  return Vint{value, length};
}

std::optional<std::uint64_t> read_uint(Bytes data) {
  if (data.size() > 8) return std::nullopt;
  std::uint64_t value = 0;
  for (const std::byte b : data) value = (value << 8) | std::to_integer<std::uint64_t>(b);
  return value;
}

std::optional<Child> Children::next() {
  if (at_ == data_.size() || !ok_) return std::nullopt;
  const auto [state, head] = read_head(data_.subspan(at_));
  if (state != HeadState::whole || !head.size_known() || head.total() > data_.size() - at_) {
    ok_ = false;
    return std::nullopt;
  }
  const Child child{head.id, at_,
                    data_.subspan(at_ + head.head_bytes, static_cast<std::size_t>(head.size))};
  at_ += static_cast<std::size_t>(head.total());
  return child;
}

}  // namespace framewire::ebml
