#include "relay/access/bans.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace framewire::relay {
namespace {

using Kind = Ban::Kind;
constexpr Time kStart{Duration{1'000'000}};
constexpr Duration kMinute{60'000};

TEST(Bans, HoldWhoIsBanned) {
  Bans bans{10};
  EXPECT_FALSE(bans.holds_address("192.0.2.1", kStart));
  const auto number = bans.number();
  const auto address = bans.add(Kind::address, "192.0.2.1", kStart + kMinute, "floods", kStart);
  const auto anna = bans.add(Kind::identity, "anna", std::nullopt, "", kStart);
  ASSERT_TRUE(address && anna);
  EXPECT_NE(*address, *anna);
  EXPECT_NE(bans.number(), number);
  EXPECT_TRUE(bans.holds_address("192.0.2.1", kStart));
  EXPECT_FALSE(bans.holds_address("192.0.2.2", kStart) || bans.holds_address("anna", kStart));
  EXPECT_TRUE(bans.holds_identity("anna", kStart));
  EXPECT_FALSE(bans.holds_identity("", kStart) || bans.holds_identity("192.0.2.1", kStart));
  EXPECT_EQ(bans.list(kStart).size(), 2u);
  EXPECT_EQ(bans.list(kStart)[0].reason, "floods");
  EXPECT_FALSE(bans.holds_address("192.0.2.1", kStart + kMinute));
  EXPECT_EQ(bans.list(kStart + kMinute).size(), 1u);
  EXPECT_TRUE(bans.lift(*anna));
  EXPECT_FALSE(bans.lift(*anna));
  EXPECT_FALSE(bans.holds_identity("anna", kStart));
}

TEST(Bans, AreOfNetworksWhereAClientHasOne) {
  Bans bans{10};
  for (const char* who : {"2001:db8:1:2:3::4", "2001:DB8:1:2::/64", "2001:db8:1:2::"}) {
    const auto id = bans.add(Kind::address, who, std::nullopt, "", kStart);
    ASSERT_TRUE(id) << who;
    EXPECT_EQ(*id, 1u) << "the same one";
  }
  EXPECT_TRUE(bans.holds_address("2001:db8:1:2::/64", kStart));
  ASSERT_TRUE(bans.add(Kind::address, "::ffff:192.0.2.7", std::nullopt, "", kStart));
  EXPECT_TRUE(bans.holds_address("192.0.2.7", kStart));
  for (const char* who : {"", "example.org", "192.0.2", "192.0.2.0/24", "192.0.2.1/64",
                          "2001:db8::/32", "2001:db8::/640", "::ffff:192.0.2.1/64", " 192.0.2.1"})
    EXPECT_FALSE(bans.add(Kind::address, who, std::nullopt, "", kStart)) << who;
}

TEST(Bans, AreBounded) {
  Bans bans{2};
  ASSERT_TRUE(bans.add(Kind::identity, "a", kStart + kMinute, "", kStart));
  ASSERT_TRUE(bans.add(Kind::identity, "b", std::nullopt, "", kStart));
  const auto full = bans.add(Kind::identity, "c", std::nullopt, "", kStart);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Errc::limit_exceeded);
  ASSERT_TRUE(bans.add(Kind::identity, "b", std::nullopt, "again", kStart));
  ASSERT_TRUE(bans.add(Kind::identity, "c", std::nullopt, "", kStart + kMinute))
      << "one is over by now";
  EXPECT_FALSE(bans.add(Kind::identity, std::string(513, 'x'), std::nullopt, "", kStart));
  EXPECT_FALSE(bans.add(Kind::identity, "", std::nullopt, "", kStart));
  EXPECT_FALSE(bans.add(Kind::identity, "b", kStart, "", kStart));
  EXPECT_FALSE(bans.add(Kind::identity, "b", std::nullopt, std::string(513, 'x'), kStart));
}

TEST(Bans, OfTheConfigurationStandBesideTheOthers) {
  Bans bans{1};
  ASSERT_TRUE(bans.add(Kind::identity, "own", std::nullopt, "", kStart));
  bans.configure({"192.0.2.1", "anna", "2001:db8::1"});
  EXPECT_TRUE(bans.holds_address("192.0.2.1", kStart) && bans.holds_identity("anna", kStart) &&
              bans.holds_address("2001:db8::/64", kStart) && bans.holds_identity("own", kStart));
  for (const Ban& ban : bans.list(kStart))
    if (ban.configured) {
      EXPECT_FALSE(bans.lift(ban.id));
    }
  bans.configure({"bert"});
  EXPECT_FALSE(bans.holds_identity("anna", kStart));
  EXPECT_TRUE(bans.holds_identity("bert", kStart) && bans.holds_identity("own", kStart));
}

// What one says is not undone by the other.
TEST(Bans, OfTheConfigurationTakeNoOthersPlace) {
  Bans bans{10};
  bans.configure({"anna"});
  const auto own = bans.add(Kind::identity, "anna", kStart + kMinute, "rude", kStart);
  ASSERT_TRUE(own);
  bans.configure({"anna"});
  EXPECT_EQ(bans.list(kStart).size(), 2u);
  bans.configure({});
  EXPECT_TRUE(bans.holds_identity("anna", kStart)) << "as it was said, for a minute";
  EXPECT_FALSE(bans.holds_identity("anna", kStart + kMinute));
  bans.configure({"anna"});
  EXPECT_TRUE(bans.lift(*own));
  EXPECT_TRUE(bans.holds_identity("anna", kStart)) << "as the configuration says";
}

}  // namespace
}  // namespace framewire::relay
