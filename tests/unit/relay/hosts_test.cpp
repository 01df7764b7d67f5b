// DNS rebinding: which Hosts are served, and which are some page's own.
#include "relay/access/hosts.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>

#include "relay/base/config.h"

namespace framewire::relay {
namespace {

struct Row {
  const char* host;
  bool open;   // served without any key
  bool named;  // with --allow-origin https://cam.example:8443
};

constexpr Row kRows[] = {
    {"127.0.0.1:8080", true, true},
    {"127.0.0.1", true, true},
    {"192.168.1.7:8080", true, true},
    {"[::1]:8080", true, true},
    {"[fe80::1]", true, true},
    {"localhost", true, true},
    {"LocalHost:8080", true, true},
    {"studio.local:8080", true, true},
    {"Studio.Local", true, true},
    {"cam.localhost", true, true},
    {"cam.home.arpa", true, true},
    {".local", false, false},
    {"local", true, true},
    {"studio", true, true},
    {"Studio-2:8080", true, true},
    {"x", true, true},
    {"studio.", false, false},
    {"-studio", false, false},
    {"studio.local.evil.example", false, false},
    {"evillocal.example", false, false},
    {"cam.example", false, true},
    {"CAM.example:9", false, true},
    {"cam.example:8443", false, true},
    {"evil.example", false, false},
    {"evil.example:8080", false, false},
    {"127.0.0.1.evil.example", false, false},
    {"localhost.evil.example", false, false},
    {"evil.example.cam.example", false, false},
    {"xcam.example", false, false},
    {"127.0.0.1:8080@evil.example", false, false},
    {"127.0.0.1:8080, evil.example", false, false},
    {"localhost, evil.example", false, false},
    {"[::1", false, false},
    {"[::1]evil.example", false, false},
    {"[evil.example]:80", false, false},
    {"127.1", false, false},
    {"0x7f000001", false, false},
    {"2130706433", false, false},
    {"localhost.", false, false},
    {":8080", false, false},
    {"", false, false},
};

TEST(Hosts, WithoutKeysOnlyNamesThatNoPageCanHave) {
  Config named, hosts;
  hosts.hosts = {"other.example", "Cam.example"};
  named.allowed_origins = {"https://other.example", "https://cam.example:8443"};
  for (const Row& row : kRows) {
    EXPECT_EQ(HostRules{Config{}}.admits(row.host), row.open) << row.host;
    EXPECT_EQ(HostRules{named}.admits(row.host), row.named) << row.host;
    EXPECT_EQ(HostRules{hosts}.admits(row.host), row.named) << row.host;
  }
}

TEST(Hosts, AnyWhereTheNameOpensNothing) {
  Config keyed;
  keyed.publish_keys = {"key"};
  Config tls;
  tls.tls_cert = "cert.pem";
  Config everybody;
  everybody.allowed_origins = {"*"};
  for (const Config& config : {keyed, tls, everybody})
    EXPECT_TRUE(HostRules{config}.admits("evil.example"));
}

TEST(Hosts, TheMachinesOwnName) {
  std::array<char, 256> name{};
  ASSERT_EQ(gethostname(name.data(), name.size() - 1), 0);
  EXPECT_TRUE(HostRules{Config{}}.admits(std::string{name.data()} + ":8080"));
}

TEST(Hosts, AWatchKeyAloneLeavesPublishingOpen) {
  Config config;
  config.watch_keys = {"key"};
  EXPECT_FALSE(HostRules{config}.admits("evil.example"));
}

}  // namespace
}  // namespace framewire::relay
