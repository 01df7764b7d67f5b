// The relay under many seeds. FRAMEWIRE_SEED=n runs one, and tells what happens; FRAMEWIRE_SEEDS=n
// runs so many instead of 2,000, from FRAMEWIRE_FIRST_SEED on (a million by hand). A seed that
// fails is named; what was wrong becomes a case of hub_found_test.cpp.
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "tests/unit/relay/simulation/world.h"

namespace framewire::relay::simulation {
namespace {

constexpr std::uint64_t kSeeds = 2'000;
constexpr std::uint64_t kShards = 4;  // run beside each other by ctest
constexpr int kSteps = 300;

std::uint64_t number_of(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

volatile std::uint64_t running_seed = 0;
volatile int running_step = 0;

// An assertion of the relay's, or worse, ends the whole program: first it says where.
void name_the_seed(int signal) {
  std::array<char, 120> line{};
  const int size =
      std::snprintf(line.data(), line.size(), "simulation: seed %llu, step %d: signal %d\n",
                    static_cast<unsigned long long>(running_seed), running_step, signal);
  [[maybe_unused]] const ssize_t said =
      ::write(STDERR_FILENO, line.data(), static_cast<std::size_t>(size));
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// False: it failed.
bool run(std::uint64_t seed, bool tell) {
  running_seed = seed;
  World world{seed, tell};
  for (int step = 0; step < kSteps && !testing::Test::HasFailure(); ++step) {
    running_step = step;
    world.act();
    world.check();
  }
  if (!testing::Test::HasFailure()) world.finish();
  if (!testing::Test::HasFailure()) return true;
  ADD_FAILURE() << "simulation: seed " << seed << ", step " << running_step
                << ": replay with FRAMEWIRE_SEED=" << seed;
  return false;
}

class Simulation : public testing::TestWithParam<std::uint64_t> {
 protected:
  Simulation() {
    spdlog::set_level(spdlog::level::off);
    for (const int signal : {SIGABRT, SIGSEGV, SIGFPE}) std::signal(signal, name_the_seed);
  }
  ~Simulation() override {
    for (const int signal : {SIGABRT, SIGSEGV, SIGFPE}) std::signal(signal, SIG_DFL);
    spdlog::set_level(spdlog::level::info);
  }
};

TEST_P(Simulation, HoldsInvariants) {
  if (const std::uint64_t one = number_of("FRAMEWIRE_SEED", 0)) {
    if (GetParam() == 0) run(one, true);
    return;
  }
  const std::uint64_t first = number_of("FRAMEWIRE_FIRST_SEED", 1);
  const std::uint64_t share = number_of("FRAMEWIRE_SEEDS", kSeeds) / kShards;
  for (std::uint64_t i = 0; i < share; ++i)
    if (!run(first + GetParam() * share + i, false)) return;
}

INSTANTIATE_TEST_SUITE_P(Seeds, Simulation, testing::Range(std::uint64_t{0}, kShards));

}  // namespace
}  // namespace framewire::relay::simulation
