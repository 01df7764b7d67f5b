// What does a token cost who looks whether it is good? One thread, a set of five keys, by
// algorithm; the signature is most of it. `Claims` is the rest: a payload read and held against the
// rules.
#include <benchmark/benchmark.h>

#include <nlohmann/json.hpp>
#include <string>

#include "relay/access/jwt/signing_key.h"
#include "relay/access/jwt/verify.h"

namespace framewire::jwt {
namespace {

constexpr Instant kNow{std::chrono::seconds{1'800'000'000}};

const nlohmann::json& claims() {
  static const nlohmann::json kClaims{{"iss", "https://login.example"},
                                      {"aud", "framewire"},
                                      {"sub", "5c1f0c2e-7b1d-4c52-9f0a-3f6d2f6e9a10"},
                                      {"iat", 1'799'999'000},
                                      {"exp", 1'800'003'600},
                                      {"framewire", {{{"action", "watch"}, {"stream", "room/*"}}}}};
  return kClaims;
}
const Rules kRules{.issuer = "https://login.example", .audiences = {"framewire"}};

void Verify(benchmark::State& state, Algorithm algorithm) {
  nlohmann::json set{{"keys", nlohmann::json::array()}};
  std::string token;
  for (std::size_t i = 0; i < kAlgorithmNames.size(); ++i) {
    const auto key = SigningKey::generate(static_cast<Algorithm>(i), std::to_string(i));
    set["keys"].push_back(nlohmann::json::parse(key.public_set())["keys"][0]);
    if (static_cast<Algorithm>(i) == algorithm) token = key.sign(claims()).value();
  }
  const auto keys = KeySet::read(set.dump());
  for (auto _ : state) {
    const auto checked = verify(token, *keys, kRules, kNow);
    if (!checked) state.SkipWithError(checked.error().what.c_str());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(Verify, HS256, Algorithm::hs256);
BENCHMARK_CAPTURE(Verify, RS256, Algorithm::rs256);
BENCHMARK_CAPTURE(Verify, PS256, Algorithm::ps256);
BENCHMARK_CAPTURE(Verify, ES256, Algorithm::es256);
BENCHMARK_CAPTURE(Verify, EdDSA, Algorithm::eddsa);

void ReadClaims(benchmark::State& state) {
  const std::string payload = claims().dump();
  for (auto _ : state) benchmark::DoNotOptimize(read_claims(payload, kRules, kNow));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ReadClaims);

}  // namespace
}  // namespace framewire::jwt
