// What a token, a key or an answer of a login server lets somebody do: a list of an action and the
// streams it is for. Pure. Thread: any.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace framewire::jwt {

enum class Action : std::uint8_t {
  publish,   // media, as the stream's publisher
  watch,     // media, live or recorded
  talk,      // in the side channel, as a viewer
  record,    // begin and end recordings
  manage,    // the control API, events, deletion of recordings; all that moderate may, too
  metrics,   // what is on and how it goes: /api/v1/streams, /metrics, /echo
  moderate,  // the side channel of a stream: mute, slow mode, clear its history
};

// As tokens and documents name them, in the order of the enum.
inline constexpr std::array<std::string_view, 7> kActionNames = {
    "publish", "watch", "talk", "record", "manage", "metrics", "moderate"};
static_assert(kActionNames.size() == static_cast<std::size_t>(Action::moderate) + 1);

constexpr std::string_view to_string(Action action) {
  return kActionNames[static_cast<std::size_t>(action)];
}
constexpr std::optional<Action> action_named(std::string_view name) {
  for (std::size_t i = 0; i < kActionNames.size(); ++i)
    if (kActionNames[i] == name) return static_cast<Action>(i);
  return std::nullopt;
}

struct Right {
  Action action = Action::watch;
  std::string stream;  // a pattern
  bool operator==(const Right&) const = default;
};

// The characters of a stream's name, and `*`, which stands for any of them, also none, also `/`.
// There is no other word for all streams: "all" is the stream of that name.
bool is_right_pattern(std::string_view pattern);

// A list of {action, stream}, each understood whole: what is not might be a restriction. Errors: a
// sentence about `whose` ("the token"), with nothing of the list in it.
tl::expected<std::vector<Right>, std::string> read_rights(const nlohmann::json& list,
                                                          std::string_view whose);

}  // namespace framewire::jwt
