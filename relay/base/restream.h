// Where the operator wants streams passed on to (--restream NAME=URL), and how that goes. An
// address may hold a key: what is shown of it is its scheme, host and port, here and everywhere.
// Thread: any; values.
// Errors: a sentence for the operator, without the address.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/error.h"

namespace framewire::relay {

struct RestreamTarget {
  std::string pattern;   // of streams' names, as in --record
  std::string url;       // %path stands for the stream's name
  std::string shown;     // "rtmp://a.example:1935"
  std::string output;    // the rendition that is sent, a row of codec/outputs.h
  std::uint64_t id = 0;  // of this process: each that is parsed has another one

  std::string address_for(std::string_view stream) const;
};
Result<RestreamTarget> parse_restream(std::string_view text);

enum class RestreamPhase : std::uint8_t {
  waiting,     // to try again
  connecting,  // the other server has not answered yet
  connected,
};
inline constexpr std::array<std::string_view, 3> kRestreamPhases = {"waiting", "connecting",
                                                                    "connected"};

constexpr std::string_view to_string(RestreamPhase phase) {
  return kRestreamPhases[static_cast<std::size_t>(phase)];
}

struct RestreamState {
  std::string stream;
  std::string to;  // RestreamTarget::shown
  RestreamPhase phase = RestreamPhase::waiting;
  std::string error;         // why it failed last, "" once it is connected
  std::uint64_t target = 0;  // RestreamTarget::id
  bool operator==(const RestreamState&) const = default;
};

}  // namespace framewire::relay
