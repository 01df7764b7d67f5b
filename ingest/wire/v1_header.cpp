#include "ingest/wire/v1_header.h"

#include <fmt/format.h>

#include "ingest/base/try.h"

namespace framewire {

void write_v1_header(std::byte* to, const V1Header& header) {
  to[0] = static_cast<std::byte>(header.kind);
  to[kV1FlagsAt] = header.flags;
  to[2] = std::byte{header.bytes};
  to[3] = std::byte{0};
  store_be(to + 4, header.epoch);
  store_be(to + 8, header.sequence);
  store_be(to + 16, header.pts_us);
  store_be(to + 24, header.clock_us);
}

Result<V1Header> read_v1_header(Bytes start, std::uint64_t message_bytes) {
  if (start.size() < kV1FieldBytes)
    return fail(Errc::protocol,
                fmt::format("a message of {} bytes has no framewire.v1 header", message_bytes));
  const auto kind = load_be<std::uint8_t>(start, 0);
  V1Header header{.kind = static_cast<V1Kind>(kind),
                  .flags = start[kV1FlagsAt],
                  .bytes = load_be<std::uint8_t>(start, 2),
                  .epoch = load_be<std::uint32_t>(start, 4),
                  .sequence = load_be<std::uint64_t>(start, 8),
                  .pts_us = load_be<std::int64_t>(start, 16),
                  .clock_us = load_be<std::int64_t>(start, 24)};
  const bool known = header.kind >= V1Kind::init && header.kind <= V1Kind::sound;
  if (!known || header.bytes < kV1FieldBytes || header.bytes > kV1MostHeaderBytes ||
      header.bytes > message_bytes)
    return fail(Errc::protocol,
                fmt::format("header of kind {} and length {} in a message of {} bytes", kind,
                            header.bytes, message_bytes));
  return header;
}

Result<V1Part> read_v1_part(Bytes message) {
  ASSIGN_OR_RETURN(auto header, read_v1_header(message));
  if (header.kind == V1Kind::sound)
    return fail(Errc::protocol, "sound beside frames, which only a publisher sends");
  return V1Part{header, message.subspan(header.bytes)};
}

std::optional<std::uint32_t> v1_frame_hash(Bytes message, const V1Header& header) {
  if (header.bytes < kV1FieldBytes + sizeof(std::uint32_t)) return std::nullopt;
  return load_be<std::uint32_t>(message, kV1FieldBytes);
}

}  // namespace framewire
