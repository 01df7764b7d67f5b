// A loop that runs as much of what was posted to it as it is told to, and what its sockets take at
// once.
#pragma once
#include <cerrno>
#include <deque>
#include <functional>
#include <utility>

#include "relay/base/loop.h"
#include "tests/unit/relay/simulation/chance.h"

namespace framewire::relay::simulation {

// How full the sockets are; percent.
struct Weather {
  std::size_t full = 0;  // a write that the socket takes in part
  std::size_t gone = 0;  // a write that finds the peer gone
};

class SimulatedSender final : public BatchSender {
 public:
  SimulatedSender(Chance& chance, const Weather& weather) : chance_(chance), weather_(weather) {}
  void send(std::span<SocketSend> sends) override {
    for (SocketSend& each : sends) {
      const auto size = each.bytes.size();
      each.result = static_cast<std::int32_t>(size);
      if (chance_.percent(weather_.full))
        each.result =
            chance_.percent(30) ? -EAGAIN : static_cast<std::int32_t>(chance_.below(size));
      else if (chance_.percent(weather_.gone))
        each.result = -EPIPE;
    }
  }

 private:
  Chance& chance_;
  const Weather& weather_;
};

class SimulatedLoop final : public Loop {
 public:
  SimulatedLoop(const Time& clock, BatchSender* sender) : clock_(clock), sender_(sender) {}
  void post(std::function<void()> task) override { posted_.push_back(std::move(task)); }
  Time now() const override { return clock_; }
  BatchSender* batch_sender() override { return sender_; }

  bool idle() const { return posted_.empty(); }
  void run_one() {
    if (posted_.empty()) return;
    const auto task = std::move(posted_.front());
    posted_.pop_front();
    task();
  }
  // What was there when it began, as a real loop does.
  void run_all() {
    for (std::size_t i = posted_.size(); i > 0; --i) run_one();
  }

 private:
  const Time& clock_;
  BatchSender* const sender_;
  std::deque<std::function<void()>> posted_;
};

}  // namespace framewire::relay::simulation
