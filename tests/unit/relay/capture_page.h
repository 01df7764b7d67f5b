// A page that captures without loss, at a stream whose child is a fake.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "relay/streams/capture_session.h"
#include "tests/unit/relay/fakes.h"

namespace framewire::relay {

// A capture whose frames go into the file when the test says so.
class FakeCapturer final : public CaptureWriterFactory {
 public:
  struct Job final : CaptureWriter {
    explicit Job(FakeCapturer& capture_writers) : of(capture_writers) {}
    ~Job() override { of.delegate = nullptr; }
    void configure(PartPtr config) override { of.configs.emplace_back(as_text(config->payload())); }
    void append(PartPtr frame, std::uint32_t hash) override {
      of.frames.emplace_back(as_text(frame->payload()));
      of.hashes.push_back(hash);
    }
    void append_sound(std::uint64_t first, Buffer samples) override {
      of.sounds.emplace_back(first, samples.size());
    }
    void finish(std::string incomplete) override { of.finished = std::move(incomplete); }
    void cancel() override { of.cancelled = true; }
    FakeCapturer& of;
  };
  std::unique_ptr<CaptureWriter> open(const CaptureRequest& request, CaptureDelegate& to) override {
    spec = request.spec;
    delegate = &to;
    return std::make_unique<Job>(*this);
  }
  void keep(const std::string& incomplete = "") {
    RecordingInfo info;
    info.id = "cam/film.mp4";
    info.bytes = 1234;
    info.duration_ms = 200;
    info.incomplete = incomplete;
    delegate->on_kept(info, frames.size());
  }

  codec::CaptureSpec spec;
  CaptureDelegate* delegate = nullptr;
  std::vector<std::string> configs;
  std::vector<std::string> frames;
  std::vector<std::uint32_t> hashes;
  std::vector<std::pair<std::uint64_t, std::size_t>> sounds;  // first sample, bytes
  std::optional<std::string> finished;
  bool cancelled = false;
};

inline constexpr std::size_t kFrame = 16;  // of 2x2 pixels

inline Buffer frame_message(std::uint64_t sequence, std::uint64_t frame, std::string_view payload,
                            bool more = false) {
  Buffer out = v1_message(sequence, payload, static_cast<std::int64_t>(frame));
  if (more) out[kV1FlagsAt] = kV1More;
  return out;
}

class LosslessTest : public testing::Test {
 protected:
  LosslessTest() : server_(1, config()) { server_.hub().set_capture_writers(&capture_writers_); }
  static Config config() {
    Config config;
    config.capture_frames = 6;
    return config;
  }
  static PublishHello hello() {
    PublishHello hello;
    hello.lossless = true;
    hello.format = Format::rgba;
    hello.width = hello.height = 2;
    hello.fps = 30;
    return hello;
  }
  PublisherId publish(FakePublisher& sink, PublishHello with = hello()) {
    const PublisherId id =
        server_.hub().request_publish("cam", PublishFraming::v1, std::move(with), {}, sink);
    server_.settle();
    return id;
  }
  PublisherId resume(FakePublisher& sink, const FakePublisher& before) {
    const std::string token = before.last("ready").at("token");
    const PublisherId id =
        server_.hub().request_publish("cam", PublishFraming::v1, {}, token, sink);
    server_.settle();
    return id;
  }
  void send(PublisherId id, std::uint64_t number, std::size_t bytes = kFrame) {
    server_.hub().publish(
        id, frame_message(number, number, std::string(bytes, static_cast<char>('a' + number))));
    server_.settle();
  }
  void write(std::uint64_t frames) {
    capture_writers_.delegate->on_written(frames);
    server_.settle();
  }

  FakeCapturer capture_writers_;
  FakeServer server_;
};

}  // namespace framewire::relay
