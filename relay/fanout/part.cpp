#include "relay/fanout/part.h"

#include <cstring>

#include "ingest/wire/ws_frame.h"

namespace framewire::relay {

PartPtr Part::make(const PartFacts& facts, Bytes payload) {
  const std::size_t inner = ws_header_size(payload.size());
  const std::size_t v1_payload = kV1FieldBytes + inner + payload.size();
  const std::size_t outer = ws_header_size(v1_payload);

  std::shared_ptr<Part> part{new Part};
  part->facts_ = facts;
  part->v1_at_ = outer;
  part->bare_at_ = outer + kV1FieldBytes;
  part->payload_at_ = part->bare_at_ + inner;
  part->size_ = outer + v1_payload;
  part->bytes_ = std::make_unique_for_overwrite<std::byte[]>(part->size_);

  std::byte* const to = part->bytes_.get();
  write_ws_header(to, Opcode::binary, v1_payload);
  std::byte* const v1 = to + outer;
  v1[0] = static_cast<std::byte>(facts.init ? V1Kind::init : V1Kind::media);
  v1[1] = facts.group_start ? kV1GroupStart : std::byte{0};
  v1[2] = static_cast<std::byte>(kV1FieldBytes + inner);
  v1[3] = std::byte{0};
  store_be(v1 + 4, facts.epoch);
  store_be(v1 + 8, facts.sequence);
  store_be(v1 + 16, facts.pts_us);
  store_be(v1 + 24, facts.received_wall_us);
  write_ws_header(v1 + kV1FieldBytes, Opcode::binary, payload.size());
  if (!payload.empty()) std::memcpy(to + part->payload_at_, payload.data(), payload.size());
  return part;
}

V1Part read_v1_part(Bytes message) {
  return {message[0] == static_cast<std::byte>(V1Kind::init),
          (message[1] & kV1GroupStart) != std::byte{0},
          load_be<std::uint64_t>(message, 8),
          load_be<std::int64_t>(message, 16),
          load_be<std::int64_t>(message, 24),
          message.subspan(load_be<std::uint8_t>(message, 2))};
}

}  // namespace framewire::relay
