// A publisher and viewers of one stream, on loops turned by hand: on the same loop and on others.
#pragma once
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "tests/unit/relay/fakes.h"

namespace framewire::relay {

inline constexpr const char* kWebm = "chromium-vp8-canvas-opaque.webm";  // a keyframe each second
inline constexpr const char* kMp4 = "chromium-avc1-opus-camera-kf1000.mp4";

inline std::string fixture(const std::string& name) {
  std::ifstream in(std::string{FRAMEWIRE_MEDIA_DIR} + "/browser/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>{in}, {}};
}

// Loops x where the publisher is x where the viewer is.
struct Place {
  unsigned loops, publisher, viewer;
};
inline const Place kPlaces[] = {{1, 0, 0}, {2, 0, 1}, {2, 1, 0}, {3, 1, 2}};
inline std::string place_name(const testing::TestParamInfo<Place>& place) {
  return std::to_string(place.param.loops) + "loops_publisher" +
         std::to_string(place.param.publisher) + "_viewer" + std::to_string(place.param.viewer);
}

class HubOnLoops : public testing::TestWithParam<Place> {
 protected:
  HubOnLoops() : server_(GetParam().loops) {}
  Hub& publishers() { return server_.hub(GetParam().publisher); }
  Hub& viewers() { return server_.hub(GetParam().viewer); }

  void claim(PublishFraming push = PublishFraming::bare,
             std::optional<std::string> token = std::nullopt) {
    id_ = publishers().request_publish("cam", push, {}, std::move(token), publisher_);
    server_.settle();
  }
  void push(std::string_view bytes) {
    publishers().publish(id_, as_bytes(bytes));
    server_.settle();
  }
  void push_v1(std::uint64_t sequence, std::string_view bytes) {
    publishers().publish(id_, v1_message(sequence, bytes));
    server_.settle();
  }
  // Pushes in 3,000-byte messages, time passing with each.
  void push_file(std::string_view bytes, Duration each = Duration{0}) {
    for (std::size_t at = 0; at < bytes.size(); at += 3000) {
      push(bytes.substr(at, 3000));
      if (each.count() > 0) server_.pass(each);
    }
  }
  void attach(FakeViewer& viewer) {
    viewers().attach("cam", viewer.viewer);
    server_.settle();
  }

  FakeServer server_;
  FakePublisher publisher_;
  PublisherId id_;
};

}  // namespace framewire::relay
