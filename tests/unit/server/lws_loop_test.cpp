#include "relay/server/lws_loop.h"

#include <gtest/gtest.h>

#include <memory>

namespace framewire::relay {
namespace {

// Other loops' threads, the recorder's and those that finalise may still post while a server goes
// down.
TEST(LwsLoop, WhatIsPostedToAClosedOneIsDropped) {
  const Config config;
  ServerShared shared{config, 1};
  LwsLoop loop{shared, 0};
  shared.loops = {&loop};
  loop.close();
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> still = held;
  loop.post_costly([held] { ADD_FAILURE() << "it runs no more"; });
  loop.post([held = std::move(held)] { ADD_FAILURE() << "it runs no more"; });
  EXPECT_TRUE(still.expired());
}

}  // namespace
}  // namespace framewire::relay
