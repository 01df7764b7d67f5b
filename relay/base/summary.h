// What is told of a stream to those who ask for all of them. Thread: any; a value.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/cut/cutter.h"
#include "relay/base/restream.h"

namespace framewire::relay {

inline constexpr std::size_t kMostWarnings = 16;  // kept of one publication

enum class StreamState : std::uint8_t {
  unknown,       // asked, not answered yet
  no_publisher,  // waiting for the first one, or the stream ended
  live,
  lingering,  // the publisher is gone and may come back
};
std::string_view to_string(StreamState state);

// Something odd about what is published that the stream goes on over: told once.
struct StreamWarning {
  std::string code;  // for programs
  std::string what;  // a sentence
};

// From capture to screen, as viewers reported it lately.
struct DelaySummary {
  std::uint64_t reports = 0;
  std::uint32_t median_ms = 0;
  std::uint32_t p95_ms = 0;
};

struct StreamSummary {
  std::string name;
  StreamState state = StreamState::no_publisher;
  EpochInfo info;           // of the current epoch
  std::uint32_t epoch = 0;  // 0 = nothing cut yet
  std::string title;
  std::size_t viewers = 0;
  std::uint64_t received_bytes = 0;
  std::int64_t started_ms = 0;  // since 1970
  std::optional<DelaySummary> delay;
  std::vector<RestreamState> restreams;
  std::vector<StreamWarning> warnings;  // the first kMostWarnings
  std::string node;                     // in a cluster: the address of who has it; "" = this server
  std::string resume_token;             // its publisher's, told to nobody; "" = it cannot resume
};

}  // namespace framewire::relay
