#include "relay/base/interned.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <vector>

namespace framewire::relay {
namespace {

TEST(Interned, KeepsATextOnceAndAsLongAsItIsHeld) {
  InternPool pool;
  std::vector<Interned> held;
  for (int i = 0; i < 1000; ++i) held.push_back(pool.get(i % 2 == 0 ? "cam" : "desk"));
  EXPECT_EQ(pool.size(), 2u);
  EXPECT_EQ(held[0].view().data(), held[2].view().data());
  EXPECT_EQ(held[1].str(), "desk");

  held.resize(1);
  EXPECT_EQ(pool.size(), 1u);
  held.clear();
  EXPECT_EQ(pool.size(), 0u);
}

TEST(Interned, IsCopiedMovedAndReplaced) {
  InternPool pool;
  std::optional<Interned> first = pool.get("cam");
  Interned copy = *first;
  const Interned moved = std::move(*first);
  EXPECT_EQ(first->view(), "");
  first.reset();
  EXPECT_EQ(moved.view(), "cam");

  copy = pool.get("desk");
  EXPECT_EQ(copy.view(), "desk");
  const Interned& same = copy;
  copy = same;
  EXPECT_EQ(copy.view(), "desk");
  EXPECT_EQ(pool.size(), 2u);

  copy = {};
  EXPECT_EQ(copy.view(), "");
  EXPECT_EQ(pool.size(), 1u);
  EXPECT_EQ(moved.view(), "cam");
}

TEST(Interned, TheEmptyTextIsNone) {
  InternPool pool;
  const Interned none = pool.get("");
  EXPECT_EQ(none.view(), "");
  EXPECT_EQ(pool.size(), 0u);
}

}  // namespace
}  // namespace framewire::relay
