// What does it cost to take a publisher's bytes apart?
//   Cut: a browser's recording, fed in messages of 16 KB; bytes/s, allocations per part.
//   Reassemble: a message of 64 KB in one piece (no copy is due) or in many.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "allocations.h"
#include "ingest/intake/make_cutter.h"
#include "ingest/intake/sniff.h"
#include "ingest/wire/message_reassembler.h"

namespace framewire {
namespace {

using micro::AllocationCount;

constexpr std::size_t kMessage = 16u << 10;

class CountingSink final : public PartSink {
 public:
  void on_epoch(const EpochInfo&) override {}
  void on_part(Rendition, const CutPart& part) override {
    benchmark::DoNotOptimize(part.payload.data());
    ++parts;
  }
  std::uint64_t parts = 0;
};

void Cut(benchmark::State& state, const std::string& name) {
  std::ifstream file(std::string(FRAMEWIRE_MEDIA_DIR) + "/browser/" + name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const Bytes all = as_bytes(text);
  const auto format = sniff(all, true);
  CountingSink sink;
  const AllocationCount allocated;
  for (auto _ : state) {
    auto cutter = make_cutter(*format, {}, sink);
    for (Bytes rest = all; !rest.empty(); rest = rest.subspan(std::min(kMessage, rest.size()))) {
      if (const auto fed = (*cutter)->feed(rest.first(std::min(kMessage, rest.size()))); !fed) {
        state.SkipWithError(fed.error().what.c_str());
        return;
      }
    }
  }
  allocated.tell(state, "allocs/part", static_cast<double>(std::max<std::uint64_t>(1, sink.parts)));
  state.SetItemsProcessed(static_cast<std::int64_t>(sink.parts));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(all.size()));
}
BENCHMARK_CAPTURE(Cut, webm, "chromium-vp8-opus-camera.webm");
BENCHMARK_CAPTURE(Cut, mp4, "chromium-avc1-opus-camera.mp4");

void Reassemble(benchmark::State& state) {
  const auto piece = static_cast<std::size_t>(state.range(0));
  const Buffer message(64'000);
  MessageReassembler reassembler{Limits{}};
  const AllocationCount allocated;
  for (auto _ : state) {
    for (std::size_t at = 0; at < message.size(); at += piece) {
      const std::size_t size = std::min(piece, message.size() - at);
      const bool first = at == 0, last = at + size == message.size();
      auto whole = reassembler.feed({Bytes{message}.subspan(at, size), first, first, last, false});
      benchmark::DoNotOptimize(whole);
    }
  }
  allocated.tell(state, "allocs/message", static_cast<double>(state.iterations()));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(message.size()));
}
BENCHMARK(Reassemble)->Arg(1'000)->Arg(16'384)->Arg(64'000);

}  // namespace
}  // namespace framewire
