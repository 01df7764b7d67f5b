#include "relay/server/per_address_limit.h"

#include <gtest/gtest.h>

namespace framewire::relay {
namespace {

TEST(PerAddressLimit, CountsAnIpv6NetworkAsOne) {
  const std::pair<const char*, const char*> kRows[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
      {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
      {"2001:db8:1:2::7", "2001:db8:1:2::/64"},
      {"2001:db8:1:3::7", "2001:db8:1:3::/64"},
      {"::1", "::/64"},
      {"no address", "no address"},
  };
  for (const auto& [address, counted] : kRows)
    EXPECT_EQ(PerAddressLimit::counted_as(address), counted);
}

TEST(PerAddressLimit, HasALimitPerAddress) {
  PerAddressLimit book{2};
  EXPECT_TRUE(book.enter("a"));
  EXPECT_TRUE(book.enter("a"));
  EXPECT_FALSE(book.enter("a"));
  EXPECT_TRUE(book.enter("b"));
  book.leave("a");
  EXPECT_TRUE(book.enter("a"));
}

TEST(PerAddressLimit, CountsHeads) {
  PerAddressLimit book{9};
  book.enter("a");
  book.enter("b");
  EXPECT_EQ(book.head_begins("a").of_address, 1u);
  EXPECT_EQ(book.head_begins("a").of_address, 2u);
  const PerAddressLimit::Heads heads = book.head_begins("b");
  EXPECT_EQ(heads.of_address, 1u);
  EXPECT_EQ(heads.of_all, 3u);
  book.head_ends("a");
  EXPECT_EQ(book.head_begins("b").of_all, 3u);
}

}  // namespace
}  // namespace framewire::relay
