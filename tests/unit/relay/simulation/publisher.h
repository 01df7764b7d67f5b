// A simulated publisher's connection: what the relay told it, and what it has of its life.
#pragma once
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "relay/streams/publisher.h"
#include "tests/unit/relay/simulation/life.h"

namespace framewire::relay::simulation {

class SimulatedPublisher final : public PublisherSink {
 public:
  SimulatedPublisher(unsigned on, std::string name, PublishFraming how, Life* what)
      : hub(on), stream(std::move(name)), push(how), life(what) {}

  void on_ready() override {
    expect_here();
    ready = true;
  }
  void send_text(const std::string& text) override {
    expect_here();
    if (push != PublishFraming::v1) return;
    const auto json = nlohmann::json::parse(text);
    const std::string type = json.at("type");
    if (type == "ready") {
      token = json.at("token");
      next = json.at("sequence").get<std::uint64_t>();
      EXPECT_LE(*next, life->messages().size()) << "more than was ever sent";
      resumed = json.at("resumed").get<bool>();
    } else if (type == "ack") {
      const auto told = json.at("sequence").get<std::uint64_t>();
      EXPECT_TRUE(next && told < *next) << "an ack of message " << told << ", never sent";
      acked = told;
    }
  }
  void close(const CloseReason& ending) override {
    expect_here();
    if (!closed) closed = ending;
  }
  void hold(bool on) override {
    expect_here();
    EXPECT_NE(on, held) << "held, or let go, twice";
    held = on;
  }
  void on_ended(const std::optional<Error>&) override {
    expect_here();
    EXPECT_TRUE(finished) << "told of an end that it did not ask for";
    told_end = true;
  }
  bool open() const { return !left && !closed && !finished; }

  const unsigned hub;
  const std::string stream;
  const PublishFraming push;
  Life* life;  // null: it asks to resume, and nothing is known of it yet
  PublisherId id;
  std::optional<std::uint64_t> next;  // the message to send; v1: once it is ready
  std::string token;
  std::optional<std::uint64_t> acked;
  std::optional<CloseReason> closed;
  bool ready = false;
  bool held = false;  // nothing is read from it
  bool resumed = false;
  bool finished = false;  // Hub::end() was called
  bool told_end = false;
  bool left = false;

 private:
  void expect_here() const {
    if (left) ADD_FAILURE() << "a publisher of " << stream << " is called after it left";
  }
};

}  // namespace framewire::relay::simulation
