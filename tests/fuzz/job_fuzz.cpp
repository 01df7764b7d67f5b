// What the codec worker sends: frames cut anywhere must come out as when they are whole, and a job
// that parses must survive its JSON.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/job.h"

using namespace framewire;
using namespace framewire::codec;

namespace {

struct Said {
  std::string media;
  std::vector<std::pair<WorkerEvent, std::string>> rest;
  bool good = true;
  bool operator==(const Said&) const = default;
};

// The first byte says how long the pieces are; 0 = all at once.
Said listen(Bytes wire, std::size_t piece) {
  Said out;
  JobFrames frames;
  while (!wire.empty() && out.good) {
    const Bytes now = wire.first(piece == 0 ? wire.size() : std::min(piece, wire.size()));
    wire = wire.subspan(now.size());
    out.good = frames
                   .feed(now,
                         [&](WorkerEvent kind, Bytes payload) {
                           if (kind == WorkerEvent::media)
                             out.media += as_text(payload);
                           else
                             out.rest.emplace_back(kind, as_text(payload));
                         })
                   .has_value();
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes bytes = std::as_bytes(std::span{data, size});
  if (listen(bytes.subspan(1), 0) != listen(bytes.subspan(1), data[0])) std::abort();

  const auto job = job_from_json(as_text(bytes));
  if (!job) return 0;
  const auto again = job_from_json(to_json(*job));
  if (!again || to_json(*again) != to_json(*job)) std::abort();
  return 0;
}
