// What a request for a file of a stream's HLS asks, and the answer. Values; they cross loops.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "relay/base/clock.h"
#include "relay/base/refusal.h"
#include "relay/hls/names.h"
#include "relay/hls/segmenter.h"

namespace framewire::relay::hls {

// Who asks: loop and connection. One request at a time.
using RequestId = std::pair<unsigned, std::uint64_t>;

struct Request {
  RequestId id;
  std::string stream;
  File file;
  Directives directives;
  std::string query;     // query_of() the key it came with
  std::string client;    // its address and that key: who asks
  Duration wait{0};      // for a stream that is not there
  bool patient = false;  // a browser's own player, which needs some segments to begin
};

struct Response {
  std::optional<Refusal> refused;
  std::string message;  // of the refusal
  std::string_view type;
  bool lasts = false;             // it never changes: a segment, a part, an init segment
  std::vector<SharedBytes> body;  // end to end
};

using Respond = std::function<void(Response)>;

}  // namespace framewire::relay::hls
