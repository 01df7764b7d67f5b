#include "relay/access/own_machine.h"

#include <gtest/gtest.h>

namespace framewire::relay {
namespace {

Request asked_of(const char* host) {
  Request out;
  out.host = host;
  out.http_1_1 = true;
  return out;
}

TEST(OwnMachine, IsToldByItsAddress) {
  struct Row {
    const char* address;
    bool own;
  };
  for (const Row& row :
       {Row{"127.0.0.1", true}, Row{"127.9.8.7", true}, Row{"::1", true},
        Row{"::ffff:127.0.0.1", true}, Row{"192.168.1.5", false}, Row{"::ffff:192.0.2.1", false},
        Row{"::2", false}, Row{"fe80::1", false}, Row{"128.0.0.1", false}, Row{"0.0.0.0", false},
        Row{"localhost", false}, Row{"127.0.0.1 ", false}, Row{"", false}})
    EXPECT_EQ(is_of_own_machine(asked_of("localhost"), row.address), row.own) << row.address;
}

TEST(OwnMachine, IsAskedByItsOwnNames) {
  struct Row {
    const char* host;
    bool own;
  };
  for (const Row& row :
       {Row{"127.0.0.1:8080", true}, Row{"localhost", true}, Row{"LocalHost:80", true},
        Row{"cam.localhost:8080", true}, Row{"[::1]:8080", true}, Row{"cam.example.org", false},
        Row{"192.168.1.5:8080", false}, Row{"notlocalhost", false}, Row{"cam.local", false},
        Row{"localhost.example.org", false}, Row{"framewire", false}, Row{"", false}})
    EXPECT_EQ(is_of_own_machine(asked_of(row.host), "127.0.0.1"), row.own) << row.host;
}

TEST(OwnMachine, IsNotAskedThroughAProxy) {
  for (const auto member : {&Request::forwarded_for, &Request::forwarded_proto, &Request::forwarded,
                            &Request::via, &Request::other_proxy}) {
    Request request = asked_of("127.0.0.1");
    EXPECT_TRUE(is_of_own_machine(request, "127.0.0.1"));
    request.*member = "127.0.0.1";
    EXPECT_FALSE(is_of_own_machine(request, "127.0.0.1"));
  }
  Request old = asked_of("127.0.0.1");  // as nginx asks, if it is not told otherwise
  old.http_1_1 = false;
  EXPECT_FALSE(is_of_own_machine(old, "127.0.0.1"));
}

}  // namespace
}  // namespace framewire::relay
