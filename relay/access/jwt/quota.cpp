#include "relay/access/jwt/quota.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace framewire::jwt {

tl::expected<Quota, std::string> read_quota(const nlohmann::json& object, std::string_view whose) {
  constexpr std::uint32_t kMost = 1'000'000'000;
  const auto wrong = [&](std::string_view what) {
    return tl::make_unexpected(fmt::format("{}'s limits {}", whose, what));
  };
  if (!object.is_object()) return wrong("are no object");
  Quota out;
  for (const auto& [name, value] : object.items()) {
    auto* place = name == "streams"   ? &out.streams
                  : name == "viewers" ? &out.viewers
                  : name == "kbps"    ? &out.kbps
                                      : nullptr;
    if (!place) return wrong("have a member that is none of streams, viewers and kbps");
    const bool negative =
        value.is_number_integer() && !value.is_number_unsigned() && value.get<std::int64_t>() < 0;
    if (!value.is_number_integer() || negative || value.get<std::uint64_t>() > kMost)
      return wrong("are not whole numbers up to 1000000000");
    *place = static_cast<std::uint32_t>(value.get<std::uint64_t>());
  }
  return out;
}

}  // namespace framewire::jwt
