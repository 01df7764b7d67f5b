// How much somebody may at a time, by one name, over the whole server: said by a token, a key or an
// answer of a login server. Pure. Thread: any.
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace framewire::jwt {

struct Quota {
  std::optional<std::uint32_t> streams;  // that it publishes
  std::optional<std::uint32_t> viewers;  // connections that watch, but for HLS
  std::optional<std::uint32_t> kbps;     // of all that it publishes: 1000 bits a second
  bool operator==(const Quota&) const = default;
  bool any() const { return streams || viewers || kbps; }
};

// {"streams": 1, "viewers": 3, "kbps": 4000}, any of them; other members are refused, as they might
// be restrictions. Errors: a sentence about `whose` ("the token").
tl::expected<Quota, std::string> read_quota(const nlohmann::json& object, std::string_view whose);

}  // namespace framewire::jwt
