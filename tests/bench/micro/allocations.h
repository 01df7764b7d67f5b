// Counts the calls of operator new in this program, for "allocations per part". Thread: any.
#pragma once
#include <benchmark/benchmark.h>

#include <cstdint>

namespace framewire::micro {

std::uint64_t allocations();

// From its construction on; tell() reports them for each of `things` as a counter.
class AllocationCount {
 public:
  void tell(benchmark::State& state, const char* name, double things) const {
    state.counters[name] = static_cast<double>(allocations() - start_) / things;
  }

 private:
  const std::uint64_t start_ = allocations();
};

}  // namespace framewire::micro
