// What does the relay itself spend on a part and a viewer, when sockets cost nothing?
//   RingAppend: a part is framed (its one copy) and kept; old groups leave.
//   LiveFlush: a part goes to every viewer that has all before it; per viewer and part.
//   JoinedFlush: a turn of many small parts, joined once for all.
//   CatchUp: one viewer goes through a full ring, alone.
#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "allocations.h"
#include "relay/fanout/fanout.h"

namespace framewire::relay {
namespace {

using micro::AllocationCount;

constexpr std::uint64_t kGroup = 60;

class NullSink final : public ViewerSink {
 public:
  Sent write(Bytes framed) override {
    benchmark::DoNotOptimize(framed.data());
    return Sent::all;
  }
  void on_epoch(const Epoch&) override {}
  void on_no_stream() override {}
  void want_writeable() override {}
  std::size_t unsent_bytes() const override { return 0; }
  void close(CloseCode, std::string_view) override {}
};

// A stream whose parts are all alike, each 60th a group start.
class Source {
 public:
  explicit Source(std::size_t bytes) : payload_(bytes), epoch_(std::make_shared<Epoch>()) {
    auto epoch = std::make_shared<Epoch>();
    epoch->number = 1;
    epoch_ = epoch;
  }
  RingEntry next(Time now) {
    PartFacts facts;
    facts.group_start = sequence_ % kGroup == 0;
    facts.epoch = 1;
    facts.sequence = sequence_++;
    facts.received = now;
    return {Part::make(facts, payload_), epoch_};
  }

 private:
  Buffer payload_;
  EpochPtr epoch_;
  std::uint64_t sequence_ = 0;
};

struct Crowd {
  Crowd(Fanout& fanout, std::size_t count, Framing framing, Time now) {
    for (std::size_t i = 0; i < count; ++i) {
      viewers.push_back(std::make_unique<Viewer>(sink, framing, Rendition::origin));
      fanout.attach(*viewers.back());
    }
    fanout.join_all(now);
  }
  NullSink sink;
  std::vector<std::unique_ptr<Viewer>> viewers;
};

struct Setup {
  Config config;
  LoopCounters counters;
  FanoutContext context{config, counters, {}, {}, {}};
  Fanout fanout{context, "cam", Rendition::origin};
  Time now = Clock::now();
};

void RingAppend(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  Ring ring({32u << 20, Duration{30'000'000}});
  Source source(bytes);
  const Time now = Clock::now();
  for (std::uint64_t i = 0; i < kGroup; ++i) ring.append(source.next(now));
  const AllocationCount allocated;
  for (auto _ : state) ring.append(source.next(now));
  allocated.tell(state, "allocs/part", static_cast<double>(state.iterations()));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(RingAppend)->Arg(200)->Arg(6'000)->Arg(64'000);

void LiveFlush(benchmark::State& state) {
  Setup s;
  Source source(static_cast<std::size_t>(state.range(1)));
  s.fanout.append(source.next(s.now));
  s.fanout.flush(s.now);
  const Crowd crowd(s.fanout, static_cast<std::size_t>(state.range(0)), Framing::bare, s.now);
  const AllocationCount allocated;
  for (auto _ : state) {
    s.fanout.append(source.next(s.now));
    s.fanout.flush(s.now);
  }
  allocated.tell(state, "allocs/part", static_cast<double>(state.iterations()));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * state.range(0) * state.range(1));
}
BENCHMARK(LiveFlush)->ArgsProduct({{10, 100, 1'000, 4'000}, {200, 6'000, 64'000}});

void JoinedFlush(benchmark::State& state) {
  constexpr std::int64_t kParts = 200;
  Setup s;
  Source source(200);
  s.fanout.append(source.next(s.now));
  s.fanout.flush(s.now);
  const Crowd crowd(s.fanout, static_cast<std::size_t>(state.range(0)), Framing::bare, s.now);
  const AllocationCount allocated;
  for (auto _ : state) {
    for (std::int64_t i = 0; i < kParts; ++i) s.fanout.append(source.next(s.now));
    s.fanout.flush(s.now);
  }
  allocated.tell(state, "allocs/part", static_cast<double>(state.iterations() * kParts));
  state.SetItemsProcessed(state.iterations() * kParts * state.range(0));
}
BENCHMARK(JoinedFlush)->Arg(10)->Arg(1'000);

void CatchUp(benchmark::State& state) {
  Setup s;
  Source source(static_cast<std::size_t>(state.range(0)));
  for (std::uint64_t i = 0; i < kGroup; ++i) s.fanout.append(source.next(s.now));
  s.fanout.flush(s.now);
  NullSink sink;
  for (auto _ : state) {
    Viewer viewer(sink, Framing::v1, Rendition::origin);
    s.fanout.attach(viewer);
    s.fanout.join(viewer, s.now);
    s.fanout.detach(viewer);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kGroup));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kGroup) * state.range(0));
}
BENCHMARK(CatchUp)->Arg(200)->Arg(6'000);

}  // namespace
}  // namespace framewire::relay
