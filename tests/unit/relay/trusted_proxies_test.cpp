#include "relay/access/trusted_proxies.h"

#include <gtest/gtest.h>

namespace framewire::relay {
namespace {

TEST(TrustedProxies, HoldAddressesAndNetworks) {
  const TrustedProxies proxies{{"10.0.0.7", "192.168.0.0/16", "172.16.0.0/12", "fd00::/8", "::1"}};
  const std::pair<const char*, bool> kRows[] = {
      {"10.0.0.7", true},     {"10.0.0.8", false},       {"192.168.255.1", true},
      {"192.169.0.1", false}, {"172.31.1.1", true},      {"172.32.1.1", false},
      {"fd12::1", true},      {"fe12::1", false},        {"::1", true},
      {"::2", false},         {"::ffff:10.0.0.7", true}, {"", false},
      {"no address", false},  {"10.0.0.7/8", false},
  };
  for (const auto& [address, held] : kRows) EXPECT_EQ(proxies.hold(address), held) << address;
  EXPECT_FALSE(TrustedProxies{{}}.hold("10.0.0.7"));
  EXPECT_TRUE(TrustedProxies{{"0.0.0.0/0"}}.hold("1.2.3.4"));
  EXPECT_FALSE(TrustedProxies{{"0.0.0.0/0"}}.hold("fd12::1"));
}

TEST(TrustedProxies, TakeTheLastAddressThatIsNoProxys) {
  const TrustedProxies proxies{{"10.0.0.0/8", "fd00::/8"}};
  const std::pair<const char*, const char*> kRows[] = {
      {"203.0.113.9", "203.0.113.9"},
      {"203.0.113.9:4711", "203.0.113.9"},
      {"[2001:db8::1]:4711", "2001:db8::1"},
      {"2001:DB8:0::1", "2001:db8::1"},
      {"::ffff:203.0.113.9", "203.0.113.9"},
      {" 203.0.113.9 ,\t10.0.0.2", "203.0.113.9"},
      // What stands further left the client has written itself.
      {"127.0.0.1, 203.0.113.9", "203.0.113.9"},
      {"1.1.1.1, 203.0.113.9, 10.0.0.2, fd00::7", "203.0.113.9"},
      {"", "10.0.0.1"},
      {"unknown", "10.0.0.1"},
      {"203.0.113.9, unknown", "10.0.0.1"},
      {"203.0.113.9, unknown, 10.0.0.2", "10.0.0.2"},
      {"10.0.0.3", "10.0.0.3"},
      {",", "10.0.0.1"},
      {"[", "10.0.0.1"},
  };
  for (const auto& [header, client] : kRows)
    EXPECT_EQ(proxies.client_of("10.0.0.1", header), client) << header;
}

TEST(TrustedProxies, SaysWhatIsNoNetwork) {
  for (const char* good : {"10.0.0.7", "10.0.0.0/8", "0.0.0.0/0", "fd00::/8", "::1/128"})
    EXPECT_EQ(why_no_network(good), "") << good;
  for (const char* bad : {"", "proxy", "10.0.0.0/33", "10.0.0.0/", "fd00::/129", "10.0.0.0/-1",
                          "10.0.0.0/8x", "10.0.0/8"})
    EXPECT_NE(why_no_network(bad), "") << bad;
}

}  // namespace
}  // namespace framewire::relay
