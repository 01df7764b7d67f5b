#include "tests/unit/relay/simulation/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace framewire::relay::simulation {
namespace {

constexpr std::size_t kMostViewers = 24;
constexpr std::size_t kMostPublishers = 8;

Config some_config(Chance& chance) {
  Config config;
  config.ring_bytes = chance.pick<std::size_t>({2'000, 8'000, 30'000, 1u << 20});
  config.ring_age = Duration{chance.pick({500, 5'000, 30'000})};
  config.turn_bytes = chance.pick<std::size_t>({5'000, 20'000, 60'000, 16u << 20});
  config.write_bytes = chance.pick<std::size_t>({100, 1'000, 16'000});
  config.max_lag = Duration{chance.pick({50, 1'000, 3'000})};
  config.linger = Duration{chance.pick({100, 2'000, 10'000})};
  config.stall_timeout = Duration{chance.pick({1'000, 30'000})};
  config.max_streams = chance.pick<std::size_t>({1, 2, 1'000});
  config.takeover = chance.percent(50);
  config.unacked_bytes = chance.pick<std::size_t>({100, 10'000, 4u << 20});
  return config;
}

}  // namespace

// What is derived is published by the simulation like anything else, if it is.
class World::ProviderOfHub final : public RenditionProvider {
 public:
  ProviderOfHub(std::vector<Derivation>& asked, unsigned hub) : asked_(asked), hub_(hub) {}
  void request_rendition(const std::string& origin, const std::string& output) override {
    asked_.push_back({hub_, derived_name(origin, output)});
  }

 private:
  std::vector<Derivation>& asked_;
  const unsigned hub_;
};

World::World(std::uint64_t seed, bool tell)
    : chance_(seed), tell_(tell), sender_(chance_, weather_) {
  const std::size_t count = 1 + chance_.below(3);
  const bool batches = chance_.percent(50);
  std::vector<Loop*> pointers;
  for (std::size_t i = 0; i < count; ++i) {
    loops_.push_back(std::make_unique<SimulatedLoop>(clock_, batches ? &sender_ : nullptr));
    pointers.push_back(loops_.back().get());
  }
  relay_ = make_relay(some_config(chance_), pointers);
  if (chance_.percent(60))
    for (unsigned i = 0; i < count; ++i) {
      providers_.push_back(std::make_unique<ProviderOfHub>(derivations_, i));
      hub(i).set_rendition_provider(providers_.back().get());
    }
  streams_ = 1 + chance_.below(3);
  big_ = chance_.pick<std::size_t>({200, 3'000, 20'000});

  // Each seed has a weight of its own for whatever may happen.
  const auto may = [this](std::size_t usually, void (World::*what)()) {
    const std::size_t weight = usually * chance_.pick<std::size_t>({1, 2, 4, 8});
    for (std::size_t i = 0; i < weight; ++i) actions_.push_back([this, what] { (this->*what)(); });
  };
  may(6, &World::turn);
  may(4, &World::run_one);
  may(4, &World::flush);
  may(2, &World::tick);
  may(3, &World::begin_viewer);
  may(1, &World::end_viewer);
  may(5, &World::drain_one);
  may(1, &World::begin_publisher);
  may(1, &World::resume_publisher);
  may(10, &World::publish);
  if (chance_.percent(30)) may(1, &World::publish_garbage);
  if (chance_.percent(70)) may(1, &World::end_publisher);
  may(1, &World::say);
  may(1, &World::answer_derivation);
  may(2, &World::leave_the_closed);
  may(3, &World::pass_some_time);
  if (chance_.percent(50)) may(1, &World::jump);
  may(1, &World::change_weather);
}

World::~World() {
  for (auto& viewer : viewers_)
    if (viewer->viewer.local_stream) hub(viewer->hub).detach(viewer->viewer);
}

void World::log(const std::string& line) const {
  if (tell_) std::fprintf(stderr, "  %s\n", line.c_str());
}

std::string World::any_stream() {
  static constexpr const char* kNames[] = {"a", "b", "c"};
  return kNames[chance_.below(streams_)];
}

void World::act() {
  actions_[chance_.below(actions_.size())]();
}

// ---- loops and time

void World::turn() {
  const unsigned i = any_hub();
  log(fmt::format("turn {}", i));
  loops_[i]->run_all();
  hub(i).flush();
}

void World::run_one() {
  const unsigned i = any_hub();
  log(fmt::format("run one of {}", i));
  loops_[i]->run_one();
}

void World::flush() {
  const unsigned i = any_hub();
  log(fmt::format("flush {}", i));
  hub(i).flush();
}

void World::tick() {
  const unsigned i = any_hub();
  log(fmt::format("tick {}", i));
  hub(i).tick();
}

void World::pass_some_time() {
  clock_ += Duration{chance_.below(100)};
}

void World::jump() {
  clock_ += Duration{chance_.below(40'000)};
  log("the clock jumps");
}

void World::change_weather() {
  weather_.full = chance_.pick<std::size_t>({0, 0, 5, 40, 95});
  weather_.gone = chance_.pick<std::size_t>({0, 0, 0, 2});
}

// ---- viewers

void World::begin_viewer() {
  if (viewers_.size() >= kMostViewers) return;
  const unsigned on = any_hub();
  std::string stream = any_stream();
  if (!providers_.empty() && chance_.percent(20)) stream = derived_name(stream, "x");
  const Framing framing =
      chance_.pick({Framing::v1, Framing::v1, Framing::bare, Framing::http, Framing::chunked});
  const Rendition rendition =
      chance_.percent(30) && !is_derived(stream) ? Rendition::webm : Rendition::origin;
  viewers_.push_back(std::make_unique<SimulatedViewer>(on, sockets_++, framing, rendition, lives_,
                                                       chance_, weather_));
  log(fmt::format("viewer {} of {} on {}", sockets_ - 1, stream, on));
  hub(on).attach(stream, viewers_.back()->viewer);
}

void World::end_viewer() {
  if (!viewers_.empty()) detach(chance_.below(viewers_.size()));
}

void World::detach(std::size_t index) {
  log("leaves: " + viewers_[index]->state());
  hub(viewers_[index]->hub).detach(viewers_[index]->viewer);
  viewers_.erase(viewers_.begin() + static_cast<std::ptrdiff_t>(index));
}

void World::drain(SimulatedViewer& viewer) {
  viewer.full = viewer.wants_writeable = false;
  hub(viewer.hub).on_writeable(viewer.viewer);
}

void World::drain_one() {
  if (viewers_.empty()) return;
  SimulatedViewer& viewer = *chance_.one_of(viewers_);
  if (viewer.gone || viewer.closed || !(viewer.full || viewer.wants_writeable)) return;
  log("has room: " + viewer.state());
  drain(viewer);
}

// ---- publishers

Life& World::new_life(const std::string& stream, Format format) {
  lives_.push_back(std::make_unique<Life>(lives_.size(), stream, format, big_, chance_));
  return *lives_.back();
}

void World::claim(unsigned on, const std::string& stream, PublishFraming push, Life* life,
                  std::optional<std::string> token) {
  publishers_.push_back(std::make_unique<SimulatedPublisher>(on, stream, push, life));
  SimulatedPublisher& publisher = *publishers_.back();
  if (push != PublishFraming::v1) publisher.next = 0;
  PublishHello hello;
  hello.format = life->format;
  if (!token && !tokens_.empty() && chance_.percent(20)) hello.replaces = chance_.one_of(tokens_);
  log(fmt::format("publisher of {} on {}, life {}{}", stream, on, life->number,
                  token ? ", resumes" : ""));
  publisher.id = hub(on).request_publish(stream, push, hello, std::move(token), publisher);
}

void World::begin_publisher() {
  if (publishers_.size() >= kMostPublishers) return;
  const std::string stream = any_stream();
  const PublishFraming push = chance_.pick(
      {PublishFraming::v1, PublishFraming::v1, PublishFraming::bare, PublishFraming::http});
  Life& life = new_life(stream, chance_.percent(60) ? Format::webm : Format::binary);
  claim(any_hub(), stream, push, &life, std::nullopt);
}

// On another connection: of one that is lost, or is still thought to be there.
void World::resume_publisher() {
  std::vector<SimulatedPublisher*> known;
  for (auto& each : publishers_)
    if (each->push == PublishFraming::v1 && each->ready && !each->token.empty())
      known.push_back(each.get());
  if (known.empty() || publishers_.size() >= kMostPublishers) return;
  SimulatedPublisher& before = *chance_.one_of(known);
  tokens_.push_back(before.token);
  if (chance_.percent(60) && !before.left) leave(before, PublisherExit::lost);
  claim(any_hub(), before.stream, PublishFraming::v1, before.life, before.token);
}

SimulatedPublisher* World::any_open_publisher() {
  std::vector<SimulatedPublisher*> open;
  for (auto& each : publishers_)
    if (each->open() && each->next && !each->held) open.push_back(each.get());
  return open.empty() ? nullptr : chance_.one_of(open);
}

void World::send_one(SimulatedPublisher& publisher, bool group) {
  const std::uint64_t number = (*publisher.next)++;
  Life& life = *publisher.life;
  const std::string& payload =
      number < life.messages().size() ? life.messages()[number] : life.add_message(group);
  if (publisher.push != PublishFraming::v1) {
    hub(publisher.hub).publish(publisher.id, as_bytes(payload));
    return;
  }
  Buffer message(kV1FieldBytes);
  write_v1_header(message.data(), {.sequence = number});
  append(message, as_bytes(payload));
  hub(publisher.hub).publish(publisher.id, message);
}

void World::publish() {
  SimulatedPublisher* publisher = any_open_publisher();
  if (!publisher) return;
  const std::size_t count = 1 + chance_.below(4);
  log(fmt::format("{} messages of life {} from {}", count, publisher->life->number,
                  *publisher->next));
  for (std::size_t i = 0; i < count; ++i) send_one(*publisher, chance_.percent(30));
}

void World::publish_garbage() {
  SimulatedPublisher* publisher = any_open_publisher();
  // What is binary, or begins with it, cannot be told from garbage.
  if (!publisher || publisher->push != PublishFraming::v1) return;
  log(fmt::format("garbage of life {}", publisher->life->number));
  hub(publisher->hub).publish(publisher->id, as_bytes("no header"));
}

void World::leave(SimulatedPublisher& publisher, PublisherExit how) {
  log(fmt::format("publisher of {} on {} leaves", publisher.stream, publisher.hub));
  hub(publisher.hub).leave(publisher.id, how);
  publisher.left = true;
}

void World::end_publisher() {
  SimulatedPublisher* publisher = any_open_publisher();
  if (!publisher) return;
  if (!publisher->token.empty()) tokens_.push_back(publisher->token);
  if (chance_.percent(40)) {
    log(fmt::format("publisher of {} on {} ends", publisher->stream, publisher->hub));
    publisher->finished = true;
    hub(publisher->hub).end(publisher->id);
  } else {
    leave(*publisher,
          chance_.pick({PublisherExit::lost, PublisherExit::ended, PublisherExit::cancelled}));
  }
}

// Connections that were closed, or have said all, are gone a moment later.
void World::leave_the_closed() {
  for (std::size_t i = viewers_.size(); i-- > 0;)
    if ((viewers_[i]->closed || viewers_[i]->gone) && chance_.percent(50)) detach(i);
  for (auto& each : publishers_)
    if (!each->left && chance_.percent(50)) {
      if (each->told_end)
        leave(*each, PublisherExit::ended);
      else if (each->closed && !each->closed->stay)
        leave(*each, PublisherExit::lost);
      else if (each->closed)
        leave(*each, PublisherExit::ended);
    }
  std::erase_if(publishers_,
                [this](const auto& each) { return each->left && chance_.percent(30); });
}

void World::say() {
  if (chance_.percent(50) && !viewers_.empty()) {
    SimulatedViewer& viewer = *chance_.one_of(viewers_);
    if (viewer.viewer.framing == Framing::v1 && !viewer.closed && !viewer.gone)
      hub(viewer.hub).send_side_text(viewer.viewer, {"\"hello\"", ""});
  } else if (SimulatedPublisher* publisher = any_open_publisher()) {
    if (chance_.percent(50))
      hub(publisher->hub).send_side_text(publisher->id, {"1", "me"});
    else
      hub(publisher->hub).mute(publisher->id, {"0-1", chance_.percent(50)});
  }
}

void World::answer_derivation() {
  if (derivations_.empty()) return;
  const Derivation asked = derivations_.back();
  derivations_.pop_back();
  if (chance_.percent(30) || publishers_.size() >= kMostPublishers) {
    log("cannot derive " + asked.name);
    hub(asked.hub).not_derived(asked.name);
    return;
  }
  Life& life = new_life(asked.name, chance_.percent(60) ? Format::webm : Format::binary);
  claim(asked.hub, asked.name, chance_.pick({PublishFraming::v1, PublishFraming::http}), &life,
        std::nullopt);
}

}  // namespace framewire::relay::simulation
