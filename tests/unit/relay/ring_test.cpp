#include "relay/fanout/ring.h"

#include <gtest/gtest.h>

namespace framewire::relay {
namespace {

constexpr std::size_t kPayload = 1000;
constexpr std::size_t kTen = 10 * (kPayload + 264);  // of memory

class RingTest : public testing::Test {
 protected:
  bool add(bool group_start, Duration at = Duration{0}) {
    PartFacts facts;
    facts.sequence = next_++;
    facts.group_start = group_start;
    facts.received = Time{} + at;
    return ring_.append({Part::make(facts, Buffer(kPayload)), nullptr});
  }
  Ring ring_{{kTen, Duration{5'000}}};
  std::uint64_t next_ = 0;
};

TEST_F(RingTest, KnowsItsNewestGroup) {
  EXPECT_FALSE(ring_.newest_group());
  add(false);
  EXPECT_FALSE(ring_.newest_group());
  add(true);
  add(false);
  add(true);
  add(false);
  EXPECT_EQ(ring_.newest_group(), 3u);
  EXPECT_EQ(ring_.begin(), 0u);
  EXPECT_EQ(ring_.end(), 5u);
}

TEST_F(RingTest, EvictsWholeGroupsByBytes) {
  for (int i = 0; i < 30; ++i) add(i % 4 == 0);
  EXPECT_LE(ring_.bytes(), kTen);
  EXPECT_EQ(ring_.begin() % 4, 0u) << "the ring begins at a group start";
  EXPECT_EQ(ring_.newest_group(), 28u);
}

// A part of one byte takes two hundred times as much: the limit is of memory.
TEST_F(RingTest, CountsWhatSmallPartsTake) {
  constexpr std::size_t kLimit = 100'000;
  Ring ring{{kLimit, Duration{5'000}}};
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    PartFacts facts;
    facts.sequence = i;
    facts.group_start = true;
    ring.append({Part::make(facts, Buffer(1)), nullptr});
  }
  EXPECT_LE(ring.bytes(), kLimit);
  EXPECT_LE(ring.end() - ring.begin(), kLimit / (sizeof(Part) + sizeof(RingEntry)));
  EXPECT_EQ(ring.bytes(), (ring.end() - ring.begin()) * ring.at(ring.begin()).part->held_bytes());
}

TEST_F(RingTest, EvictsWholeGroupsByAgeButNeverTheNewest) {
  add(true, Duration{0});
  add(false, Duration{100});
  add(true, Duration{1'000});
  add(false, Duration{1'100});
  ring_.expire(Time{} + Duration{5'900});
  EXPECT_EQ(ring_.begin(), 0u) << "the first group was being written until 1 s";
  ring_.expire(Time{} + Duration{6'100});
  EXPECT_EQ(ring_.begin(), 2u);
  ring_.expire(Time{} + Duration{600'000});
  EXPECT_EQ(ring_.begin(), 2u);
  EXPECT_EQ(ring_.newest_group(), 2u);
}

TEST_F(RingTest, GroupThatOutgrowsTheRingIsNoJoinPointAnyMore) {
  EXPECT_TRUE(add(true));
  int told = 0;
  for (int i = 0; i < 40; ++i) told += add(false) ? 0 : 1;
  EXPECT_EQ(told, 1) << "once a group";
  EXPECT_FALSE(ring_.newest_group());
  EXPECT_GT(ring_.begin(), 0u);
  EXPECT_LE(ring_.bytes(), kTen);
  EXPECT_TRUE(add(true));
  EXPECT_EQ(ring_.newest_group(), 41u);
}

// However full the ring is of the one before: else who waits for a group waits for ever.
TEST_F(RingTest, GroupAfterOneThatOutgrewTheRingIsAJoinPoint) {
  for (int size = 1; size < 40; ++size) {
    ring_.clear(next_);
    add(true);
    for (int i = 1; i < size; ++i) add(false);
    const std::uint64_t start = next_;
    EXPECT_TRUE(add(true)) << size;
    EXPECT_EQ(ring_.newest_group(), start) << size;
    EXPECT_LE(ring_.bytes(), kTen);
  }
}

TEST_F(RingTest, ClearBeginsAnew) {
  add(true);
  ring_.clear(7);
  EXPECT_TRUE(ring_.empty());
  EXPECT_EQ(ring_.end(), 7u);
  EXPECT_EQ(ring_.bytes(), 0u);
}

}  // namespace
}  // namespace framewire::relay
