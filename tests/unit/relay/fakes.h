// A loop turned by hand, and connections that record what they are sent and take only what they are
// told to. Time stands still until a test moves it.
#pragma once
#include <cerrno>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "relay/services/services.h"

namespace framewire::relay {

// Takes what there is to send to several at once; what a socket says to it is set by the test.
class FakeSender final : public BatchSender {
 public:
  void send(std::span<SocketSend> sends) override {
    sizes.push_back(sends.size());
    for (SocketSend& each : sends) {
      const auto set = says.find(each.socket);
      each.result = set == says.end() ? static_cast<std::int32_t>(each.bytes.size()) : set->second;
    }
  }
  std::vector<std::size_t> sizes;
  std::map<int, std::int32_t> says;
};

class FakeLoop final : public Loop {
 public:
  explicit FakeLoop(Time& clock, BatchSender* sender = nullptr) : clock_(clock), sender_(sender) {}
  void post(std::function<void()> task) override { posted_.push_back(std::move(task)); }
  Time now() const override { return clock_; }
  BatchSender* batch_sender() override { return sender_; }
  // True if there was anything to do.
  bool run() {
    auto tasks = std::exchange(posted_, {});
    for (const auto& task : tasks) task();
    return !tasks.empty();
  }

 private:
  Time& clock_;
  BatchSender* sender_;
  std::vector<std::function<void()>> posted_;
};

// One ws frame or, for HTTP, one write.
struct Received {
  bool text = false;
  Buffer bytes;
  nlohmann::json json() const { return nlohmann::json::parse(as_text(bytes)); }
};

class FakeViewer final : public ViewerSink {
 public:
  explicit FakeViewer(Framing framing, Rendition rendition = Rendition::origin)
      : viewer(*this, framing, rendition) {}

  Sent write(Bytes framed) override {
    ++writes;
    if (!room) ADD_FAILURE() << "written to while its socket is full";
    if (viewer.framing == Framing::chunked)
      received.push_back({false, unchunked(framed)});
    else if (viewer.framing == Framing::http)
      received.push_back({false, {framed.begin(), framed.end()}});
    else
      split(framed);
    if (room_for > 0 && --room_for == 0) room = false;
    return room ? Sent::all : Sent::kept;
  }
  bool make_ready(Bytes framed, SocketSend& to) override {
    to = {socket, framed};
    return room && socket >= 0;
  }
  // The rest of what the socket did not take is held, so it is all there in the end.
  Sent sent(Bytes framed, std::int32_t result) override {
    if (result < 0 && result != -EAGAIN) return Sent::gone;
    if (result != static_cast<std::int32_t>(framed.size())) room_for = 1;
    return write(framed);
  }
  void on_epoch(const Epoch& epoch) override { epochs.push_back(epoch.number); }
  void on_no_stream() override { ++no_stream; }
  void send_text(const std::string& json) override { told.push_back(nlohmann::json::parse(json)); }
  void want_writeable() override { wants_writeable = true; }
  std::size_t unsent_bytes() const override { return unsent; }
  void close(CloseCode code, std::string_view name) override {
    closed = code;
    closed_name = name;
  }

  // The payloads of all binary frames (or body bytes), in order.
  std::string media() const {
    std::string out;
    for (const Received& r : received)
      if (!r.text) out += as_text(viewer.framing == Framing::v1 ? payload(r) : Bytes{r.bytes});
    return out;
  }
  static Bytes payload(const Received& r) {
    return Bytes{r.bytes}.subspan(load_be<std::uint8_t>(r.bytes, 2));
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> out;
    for (const Received& r : received)
      if (r.text) out.push_back(r.json().at("type"));
    return out;
  }
  const Received& last_text(const std::string& type) const {
    for (auto at = received.rbegin(); at != received.rend(); ++at)
      if (at->text && at->json().at("type") == type) return *at;
    throw std::runtime_error("no text of type " + type);
  }

  Viewer viewer;
  std::vector<Received> received;
  std::vector<std::uint32_t> epochs;
  std::vector<nlohmann::json> told;  // beside the parts
  int socket = -1;                   // of a FakeSender; -1: written to by itself
  int writes = 0;
  int no_stream = 0;
  bool room = true;
  int room_for = 0;  // so many writes are taken, the last of them in part; 0 = all
  bool wants_writeable = false;
  std::size_t unsent = 0;
  std::optional<CloseCode> closed;
  std::string closed_name;

 private:
  static Buffer unchunked(Bytes chunk) {
    const std::size_t size = std::stoul(std::string{as_text(chunk.first(8))}, nullptr, 16);
    EXPECT_EQ(chunk.size(), size + 12) << "whole chunks";
    const Bytes data = chunk.subspan(10, size);
    return {data.begin(), data.end()};
  }
  void split(Bytes frames) {
    while (!frames.empty()) {
      const bool text = std::to_integer<int>(frames[0]) == 0x81;
      std::size_t header = 2;
      std::uint64_t size = std::to_integer<std::uint8_t>(frames[1]);
      if (size == 126) {
        size = load_be<std::uint16_t>(frames, 2);
        header = 4;
      } else if (size == 127) {
        size = load_be<std::uint64_t>(frames, 2);
        header = 10;
      }
      const Bytes body = frames.subspan(header, size);
      received.push_back({text, {body.begin(), body.end()}});
      frames = frames.subspan(header + size);
    }
  }
};

class FakePublisher final : public PublisherSink {
 public:
  void on_ready() override { ready = true; }
  void send_text(const std::string& json) override { told.push_back(nlohmann::json::parse(json)); }
  void close(const CloseReason& ending) override { endings.push_back(ending); }
  void hold(bool on) override { held = on; }
  void on_ended(const std::optional<Error>& error) override {
    ended = error ? error->what : "well";
  }

  nlohmann::json last(const std::string& type) const {
    for (auto at = told.rbegin(); at != told.rend(); ++at)
      if (at->at("type") == type) return *at;
    return nullptr;
  }
  bool ready = false;
  bool held = false;
  std::string ended;
  std::vector<nlohmann::json> told;
  std::vector<CloseReason> endings;
};

// A relay of some loops, turned by hand.
struct FakeServer {
  explicit FakeServer(unsigned count = 1, Config config = {}, BatchSender* sender = nullptr) {
    std::vector<Loop*> pointers;
    for (unsigned i = 0; i < count; ++i) {
      loops.push_back(std::make_unique<FakeLoop>(clock, sender));
      pointers.push_back(loops.back().get());
    }
    relay = make_relay(std::move(config), pointers);
  }
  Hub& hub(unsigned index = 0) { return *relay->hubs[index]; }
  // Turns all loops until nothing is left to do.
  void settle() {
    for (bool busy = true; busy;) {
      busy = false;
      for (auto& each : relay->hubs) busy = !each->flush() || busy;
      for (auto& loop : loops) busy = loop->run() || busy;
    }
  }
  void pass(Duration time) {
    clock += time;
    for (auto& each : relay->hubs) each->tick();
    settle();
  }

  Time clock{std::chrono::hours{1}};
  std::vector<std::unique_ptr<FakeLoop>> loops;  // outlive the relay
  std::unique_ptr<RelayWithServices> relay;
};

// A framewire.v1 message of a publisher.
inline Buffer v1_message(std::uint64_t sequence, std::string_view payload,
                         std::int64_t pts_us = 0) {
  Buffer out(kV1FieldBytes);
  write_v1_header(out.data(), {.sequence = sequence, .pts_us = pts_us});
  append(out, as_bytes(payload));
  return out;
}

}  // namespace framewire::relay
