// HLS under many seeds, on loops turned by hand: a stream's derived rendition comes, ends, comes
// again; requests come to every loop, wait, are called off. What must hold, whatever the order:
//
//   each request is answered once, and none that was called off
//   a file that lasts has the same bytes for everybody, on whichever loop they ask
//   a playlist's numbers never go back while its channel lives, and name each file once
//   in the end whatever a playlist lists is there, and nobody waits any more
//
// FRAMEWIRE_SEED and FRAMEWIRE_SEEDS as in simulation_test.cpp.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <map>
#include <set>
#include <tuple>

#include "relay/base/stream_name.h"
#include "relay/hls/request.h"
#include "relay/services/services.h"
#include "tests/unit/relay/mp4_builder.h"
#include "tests/unit/relay/simulation/loop.h"

namespace framewire::relay::simulation {
namespace {

using hls::File;
using hls::Request;
using hls::Response;
using Kind = hls::File::Kind;

constexpr int kSteps = 400;
constexpr std::size_t kMostAsks = 40;

class Publisher final : public PublisherSink {
 public:
  void on_ready() override { ready = true; }
  void send_text(const std::string&) override {}
  void close(const CloseReason&) override { closed = true; }
  void hold(bool on) override { held = on; }
  void on_ended(const std::optional<Error>&) override {}
  bool ready = false;
  bool held = false;
  bool closed = false;
};

class HlsWorld {
 public:
  explicit HlsWorld(std::uint64_t seed) : chance_(seed), sender_(chance_, weather_) {
    Config config;
    config.hls_window = Duration{chance_.pick({4'000, 10'000, 30'000})};
    config.hls_segment = Duration{chance_.pick({500, 2'000})};
    config.hls_part = Duration{chance_.pick({100, 200})};
    config.max_hls_waiting = chance_.pick<std::size_t>({2, 10'000});
    config.ring_bytes = chance_.pick<std::size_t>({4'000, 1u << 20});
    config.linger = Duration{chance_.pick({100, 2'000})};
    config.turn_bytes = chance_.pick<std::size_t>({1'000, 16u << 20});
    config.codec_idle = std::chrono::hours{10};  // a channel ends with its stream
    const std::size_t count = 1 + chance_.below(3);
    std::vector<Loop*> pointers;
    for (std::size_t i = 0; i < count; ++i) {
      loops_.push_back(std::make_unique<SimulatedLoop>(clock_, nullptr));
      pointers.push_back(loops_.back().get());
    }
    relay_ = make_relay(config, pointers);
    group_ = chance_.pick({1, 10, 25, 60});
  }

  void act() {
    const unsigned on = any();
    switch (chance_.below(12)) {
      case 0:
      case 1:
        loops_[on]->run_all();
        hub(on).flush();
        break;
      case 2:
        loops_[on]->run_one();
        break;
      case 3:
        hub(on).flush();
        break;
      case 4:
        hub(on).tick();
        break;
      case 5:
        clock_ += Duration{chance_.below(chance_.percent(5) ? 20'000 : 200)};
        break;
      case 6:
        if (publisher_ && chance_.percent(10)) end_life();
        break;
      case 7:
        if (!asks_.empty() && chance_.percent(30)) call_off();
        break;
      case 8:
      case 9:
        if (asks_.size() < kMostAsks) ask(any_file(), chance_.percent(30));
        break;
      default:
        publish();
    }
  }

  // Calm: the stream goes on a while, everything that is listed can be had, then all is over.
  void finish() {
    settle();
    if (!publisher_) begin_publisher();
    settle();
    ask({Kind::index}, false);
    for (int i = 0; i < 4 * 60 && !testing::Test::HasFailure(); ++i) {
      if (!publisher_) begin_publisher();
      picture();
      clock_ += Duration{40};
      settle();
      if (i % 25 == 0) tick_all();
    }
    const std::size_t before = asks_.size();
    ask({Kind::media}, false);
    settle();
    EXPECT_EQ(asks_.size(), before) << "the playlist waits";
    const auto listed = listed_;
    EXPECT_FALSE(listed.empty());
    for (const std::string& name : listed) {
      const auto file = hls::parse_file(name);
      ASSERT_TRUE(file) << name;
      refused_ = false;
      ask(*file, false);
      settle();
      EXPECT_FALSE(refused_) << name << " is listed and not there";
    }
    end_life();
  }

 private:
  Hub& hub(unsigned index) { return *relay_->hubs[index]; }
  unsigned any() { return static_cast<unsigned>(chance_.below(loops_.size())); }

  void settle() {
    for (bool busy = true; busy;) {
      busy = false;
      for (unsigned i = 0; i < loops_.size(); ++i) {
        busy = busy || !loops_[i]->idle();
        loops_[i]->run_all();
        busy = !hub(i).flush() || busy;
      }
    }
  }
  void tick_all() {
    for (unsigned i = 0; i < loops_.size(); ++i) hub(i).tick();
  }

  void begin_publisher() {
    publisher_ = std::make_unique<Publisher>();
    on_ = any();
    PublishHello hello;
    hello.format = Format::mp4;
    id_ = hub(on_).request_publish(derived_name("cam", hls::kSource), PublishFraming::http, hello,
                                   std::nullopt, *publisher_);
    pictures_ = 0;
  }
  void end_publisher() {
    if (!publisher_) return;
    hub(on_).leave(id_, chance_.pick({PublisherExit::ended, PublisherExit::lost}));
    gone_.push_back(std::move(publisher_));
  }
  // Nobody waits for ever. What comes next may be another channel, which begins its numbers with
  // the clock on the wall, and that stands still here.
  void end_life() {
    end_publisher();
    for (int i = 0; i < 200 && !asks_.empty(); ++i) {
      clock_ += Duration{500};
      tick_all();
      settle();
    }
    EXPECT_TRUE(asks_.empty()) << asks_.size() << " wait for ever";
    files_.clear();
    first_.clear();
    listed_.clear();
  }
  void picture() {
    if (publisher_->closed) return end_publisher();
    if (!publisher_->ready || publisher_->held) return;  // a connection reads nothing then
    if (pictures_ == 0) hub(on_).publish(id_, as_bytes(test::mp4_init(true, false)));
    const bool sync = pictures_ % group_ == 0;
    hub(on_).publish(id_, as_bytes(test::mp4_sample(test::kPicture, pictures_ * 40'000, 40'000,
                                                    sync, 10 + chance_.below(50))));
    ++pictures_;
  }
  void publish() {
    if (!publisher_ && chance_.percent(50)) return;
    if (!publisher_) begin_publisher();
    for (std::size_t i = chance_.below(12); i > 0 && publisher_; --i) picture();
  }

  File any_file() {
    if (chance_.percent(30)) return {Kind::index};
    if (chance_.percent(50) || listed_.empty()) return {Kind::media};
    const auto file = hls::parse_file(listed_[chance_.below(listed_.size())]);
    File out = file ? *file : File{Kind::media};
    if (chance_.percent(20)) out.number += chance_.below(3);
    if (chance_.percent(20)) out.part += chance_.below(3);
    return out;
  }

  void ask(File file, bool directed) {
    const std::uint64_t number = ++last_ask_;
    const unsigned on = any();
    asks_[number] = on;
    Request out{{on, number}, "cam", file, {}, {}, "somebody", Duration{0}, chance_.percent(10)};
    if (directed && file.kind == Kind::media) {
      out.directives.msn = newest_ + chance_.below(3);
      if (chance_.percent(50)) out.directives.part = chance_.below(4);
      out.directives.skip = chance_.percent(30);
    }
    if (chance_.percent(30)) out.wait = Duration{chance_.below(5'000)};
    relay_->hls[on]->request(
        out, [this, on, number, file](const Response& a) { answered(on, number, file, a); });
  }
  void call_off() {
    auto at = asks_.begin();
    std::advance(at, chance_.below(asks_.size()));
    called_off_.insert(at->first);
    relay_->hls[at->second]->cancel_request("cam", at->first);
    asks_.erase(at);
  }

  void answered(unsigned on, std::uint64_t number, const File& file, const Response& answer) {
    // One that is called off may have its answer on the way between two loops already.
    if (called_off_.count(number) > 0) return;
    ASSERT_EQ(asks_.erase(number), 1u) << "answered twice, or never asked";
    refused_ = answer.refused.has_value();
    if (refused_) return;
    std::string text;
    for (const auto& piece : answer.body) text += as_text(*piece);
    if (file.kind == Kind::media)
      read_playlist(on, text);
    else if (answer.lasts)
      expect_same(file, text);
  }
  void expect_same(const File& file, const std::string& text) {
    const auto key = std::tuple{file.kind, file.number, file.part};
    const auto [at, fresh] = files_.emplace(key, text);
    EXPECT_TRUE(fresh || at->second == text) << "another file of the same name";
  }
  // Answers to one loop come in the order in which they were given.
  void read_playlist(unsigned on, const std::string& text) {
    std::set<std::string> names;
    listed_.clear();
    std::uint64_t first = 0;
    std::size_t begin = 0;
    while (begin < text.size()) {
      const std::size_t end = text.find('\n', begin);
      const std::string line = text.substr(begin, end - begin);
      begin = end + 1;
      if (line.rfind("#EXT-X-MEDIA-SEQUENCE:", 0) == 0) first = std::stoull(line.substr(22));
      std::string name;
      if (!line.empty() && line[0] != '#') name = line;
      if (line.rfind("#EXT-X-PART:", 0) == 0 || line.rfind("#EXT-X-MAP:", 0) == 0) {
        const std::size_t at = line.find("URI=\"") + 5;
        name = line.substr(at, line.find('"', at) - at);
      }
      if (name.empty()) continue;
      const bool once = line.rfind("#EXT-X-MAP:", 0) == 0 || names.insert(name).second;
      EXPECT_TRUE(once) << name << " is listed twice";
      listed_.push_back(name);
      if (const auto file = hls::parse_file(name); file && file->kind == Kind::segment)
        newest_ = std::max(newest_, file->number + 1);
    }
    EXPECT_GE(first, first_[on]) << "numbers go back";
    first_[on] = first;
  }

  Chance chance_;
  Weather weather_;
  SimulatedSender sender_;
  Time clock_{std::chrono::hours{1}};
  std::vector<std::unique_ptr<SimulatedLoop>> loops_;
  std::unique_ptr<RelayWithServices> relay_;
  std::unique_ptr<Publisher> publisher_;
  std::vector<std::unique_ptr<Publisher>> gone_;
  PublisherId id_;
  unsigned on_ = 0;
  int group_ = 25;
  int pictures_ = 0;
  std::map<std::uint64_t, unsigned> asks_;  // by number, the hub
  std::set<std::uint64_t> called_off_;
  std::uint64_t last_ask_ = 0;
  bool refused_ = false;
  std::map<std::tuple<Kind, std::uint64_t, std::size_t>, std::string> files_;
  std::vector<std::string> listed_;
  std::map<unsigned, std::uint64_t> first_;  // by hub, of the playlist before
  std::uint64_t newest_ = 0;
};

class HlsSimulation : public testing::TestWithParam<std::uint64_t> {
 protected:
  HlsSimulation() { spdlog::set_level(spdlog::level::off); }
  ~HlsSimulation() override { spdlog::set_level(spdlog::level::info); }
};

TEST_P(HlsSimulation, HoldsInvariants) {
  constexpr std::uint64_t kSeeds = 400;
  const auto number_of = [](const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
  };
  const std::uint64_t share = number_of("FRAMEWIRE_SEEDS", kSeeds) / 2;
  const std::uint64_t one = number_of("FRAMEWIRE_SEED", 0);
  const std::uint64_t first = one ? one : 1 + GetParam() * share;
  for (std::uint64_t seed = first; seed < first + (one ? 1 : share); ++seed) {
    HlsWorld world{seed};
    for (int step = 0; step < kSteps && !HasFailure(); ++step) world.act();
    if (!HasFailure()) world.finish();
    if (HasFailure()) {
      ADD_FAILURE() << "seed " << seed << ": replay with FRAMEWIRE_SEED=" << seed;
      return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, HlsSimulation, testing::Range(std::uint64_t{0}, std::uint64_t{2}));

}  // namespace
}  // namespace framewire::relay::simulation
