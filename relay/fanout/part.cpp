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
  write_ws_header(to, WsOpcode::binary, v1_payload);
  const bool captured = facts.captured_wall_us != 0;
  std::byte flags = facts.group_start ? kV1GroupStart : std::byte{0};
  if (captured) flags |= kV1Captured;
  if (facts.joiners_only) flags |= kV1JoinersOnly;
  if (facts.lead_in) flags |= kV1LeadIn;
  write_v1_header(to + outer,
                  {.kind = facts.init ? V1Kind::init : V1Kind::media,
                   .flags = flags,
                   .bytes = static_cast<std::uint8_t>(kV1FieldBytes + inner),
                   .epoch = facts.epoch,
                   .sequence = facts.sequence,
                   .pts_us = facts.pts_us,
                   .clock_us = captured ? facts.captured_wall_us : facts.received_wall_us});
  write_ws_header(to + part->bare_at_, WsOpcode::binary, payload.size());
  if (!payload.empty()) std::memcpy(to + part->payload_at_, payload.data(), payload.size());
  return part;
}

}  // namespace framewire::relay
