// Bans as /api/v1/bans lists them, takes them, and as a file keeps them (tools/serving/ban_file.h).
// The list has a steady clock, so that whoever sets the wall clock lifts none; people and files
// have milliseconds since 1970. Values. Thread: any.
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "ingest/base/error.h"
#include "relay/access/bans.h"
#include "relay/base/clock.h"

namespace framewire::relay {

// What time it is, by both clocks.
struct BothClocks {
  Time now{};
  std::int64_t wall_ms = 0;  // since 1970
};

struct BanWish {
  Ban::Kind kind = Ban::Kind::address;
  std::string who;
  std::optional<Time> until;
  std::string reason;
};
// body: good by the schema "BanWish". Errc::bad_text: it names both an address and an identity, or
// neither.
Result<BanWish> read_ban_wish(const nlohmann::json& body, BothClocks clocks);
// The same, that such a ban would be wished by.
nlohmann::json ban_wish_json(const Ban& ban, BothClocks clocks);

// By the schemas "Ban" and "Bans".
nlohmann::json ban_json(const Ban& ban, BothClocks clocks);
nlohmann::json bans_json(const std::vector<Ban>& bans, BothClocks clocks);

}  // namespace framewire::relay
