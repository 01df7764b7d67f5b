// Everything that a simulation leaves to chance comes from here: the same seed, the same run.
#pragma once
#include <cstdint>
#include <random>

namespace framewire::relay::simulation {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}
  // Below a bound that is not 0. Not std::uniform_int_distribution: that differs by library.
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }
  bool percent(std::size_t share) { return below(100) < share; }
  template <class Choices>
  auto& one_of(Choices& choices) {
    return choices[below(choices.size())];
  }
  template <class T, std::size_t N>
  T pick(const T (&choices)[N]) {
    return choices[below(N)];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace framewire::relay::simulation
