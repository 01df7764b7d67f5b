#include "relay/server/loop_roster.h"

#include <time.h>

#include <algorithm>
#include <tuple>

namespace framewire::relay {
namespace {

constexpr unsigned kHalfBusy = 500;
constexpr unsigned kBusy = 750;
constexpr double kNewShare = 0.25;  // of a tick's measure in the mean

unsigned rank(unsigned busy_permille) {
  return busy_permille < kHalfBusy ? 0 : busy_permille < kBusy ? 1 : 2;
}

long long read_ns(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

}  // namespace

LoopRoster::LoopRoster(std::size_t loops, std::size_t fill) : places_(loops), fill_(fill) {}

std::size_t LoopRoster::enter() {
  std::size_t best = 0;
  auto least = std::make_tuple(3u, std::size_t{0});
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const std::size_t connections = places_[i].connections.load(std::memory_order_relaxed);
    const unsigned busy = rank(places_[i].busy_permille.load(std::memory_order_relaxed));
    if (busy == 0 && connections < fill_) {
      best = i;
      break;
    }
    const auto here = std::make_tuple(busy, connections);
    if (here < least) {
      least = here;
      best = i;
    }
  }
  places_[best].connections.fetch_add(1, std::memory_order_relaxed);
  return best;
}

void LoopRoster::leave(std::size_t loop) {
  places_[loop].connections.fetch_sub(1, std::memory_order_relaxed);
}

void LoopRoster::set_busy(std::size_t loop, unsigned permille) {
  places_[loop].busy_permille.store(permille, std::memory_order_relaxed);
}

unsigned BusyMeter::tick() {
  const long long wall = read_ns(CLOCK_MONOTONIC);
  const long long cpu = read_ns(CLOCK_THREAD_CPUTIME_ID);
  if (wall_ns_ != 0 && wall > wall_ns_) {
    const double share = static_cast<double>(cpu - cpu_ns_) / static_cast<double>(wall - wall_ns_);
    busy_ += (std::min(share, 1.0) - busy_) * kNewShare;
  }
  wall_ns_ = wall;
  cpu_ns_ = cpu;
  return static_cast<unsigned>(busy_ * 1000);
}

}  // namespace framewire::relay
