// A whole relay under a seed: hubs on loops turned by hand, publishers and viewers that come, go
// and fall silent. The seed chooses all that chance does elsewhere: which loop runs and how much of
// what was posted to it, what a socket takes, who dies, how the clock runs, what the limits are.
//
//   act()     one step
//   check()   after each step: what must hold at any time
//   finish()  at the end: calm, everybody gets what is due, all leave, nothing stays
//
// What is sent is checked as it is sent, by the viewers themselves (viewer.h).
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "relay/base/stream_name.h"
#include "relay/services/services.h"
#include "tests/unit/relay/simulation/publisher.h"
#include "tests/unit/relay/simulation/viewer.h"

namespace framewire::relay::simulation {

class World final {
 public:
  explicit World(std::uint64_t seed, bool tell = false);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void act();
  void check();
  void finish();

 private:
  struct Derivation {  // asked for, not answered
    unsigned hub;
    std::string name;
  };
  class ProviderOfHub;

  Hub& hub(unsigned index) { return *relay_->hubs[index]; }
  unsigned any_hub() { return static_cast<unsigned>(chance_.below(loops_.size())); }
  std::string any_stream();

  // What may happen.
  void turn();
  void run_one();
  void flush();
  void tick();
  void begin_viewer();
  void end_viewer();
  void drain_one();
  void begin_publisher();
  void resume_publisher();
  void publish();
  void publish_garbage();
  void end_publisher();
  void say();
  void answer_derivation();
  void leave_the_closed();
  void pass_some_time();
  void jump();
  void change_weather();

  SimulatedPublisher* any_open_publisher();
  void claim(unsigned on, const std::string& stream, PublishFraming push, Life* life,
             std::optional<std::string> token);
  Life& new_life(const std::string& stream, Format format);
  void send_one(SimulatedPublisher& publisher, bool group);
  void leave(SimulatedPublisher& publisher, PublisherExit how);
  void detach(std::size_t index);
  void drain(SimulatedViewer& viewer);
  void settle();
  void pass(Duration time);
  void expect_counts();
  void expect_everybody_has_the_newest();
  void log(const std::string& line) const;

  Chance chance_;
  const bool tell_;
  Time clock_{std::chrono::hours{1}};
  Weather weather_;
  SimulatedSender sender_;
  std::vector<std::unique_ptr<SimulatedLoop>> loops_;  // outlive the relay
  std::unique_ptr<RelayWithServices> relay_;
  std::vector<std::unique_ptr<ProviderOfHub>> providers_;
  std::vector<Derivation> derivations_;
  Lives lives_;
  std::vector<std::string> tokens_;
  std::vector<std::unique_ptr<SimulatedPublisher>> publishers_;
  std::vector<std::unique_ptr<SimulatedViewer>> viewers_;
  std::vector<std::function<void()>> actions_;  // one as often as it is likely
  std::size_t streams_ = 1;
  std::size_t big_ = 100;
  int sockets_ = 0;
};

}  // namespace framewire::relay::simulation
