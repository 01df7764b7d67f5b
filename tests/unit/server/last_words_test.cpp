#include "relay/server/last_words.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace framewire::relay {
namespace {

struct TcpPair {
  TcpPair() {
    UniqueFd listening{::socket(AF_INET, SOCK_STREAM, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listening.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listening.get(), 1), 0);
    ::getsockname(listening.get(), reinterpret_cast<sockaddr*>(&address), &size);
    peer = UniqueFd{::socket(AF_INET, SOCK_STREAM, 0)};
    EXPECT_EQ(::connect(peer.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    own = UniqueFd{::accept(listening.get(), nullptr, nullptr)};
  }
  // What the peer reads to the end; nullopt: it was reset.
  std::string read_all(int& error) const {
    std::string out;
    std::array<char, 100> bytes{};
    for (;;) {
      const ssize_t count = ::recv(peer.get(), bytes.data(), bytes.size(), 0);
      error = count < 0 ? errno : 0;
      if (count <= 0) return out;
      out.append(bytes.data(), static_cast<std::size_t>(count));
    }
  }
  UniqueFd peer, own;
};

const Time kStart{};

TEST(LastWords, AreReadByWhoHasSentMoreThanWasRead) {
  for (const bool held : {false, true}) {
    TcpPair pair;
    ASSERT_EQ(::send(pair.peer.get(), "unread", 6, 0), 6);
    char first = 0;
    ASSERT_EQ(::recv(pair.own.get(), &first, 1, MSG_PEEK), 1);  // it has come
    LastWords words;
    if (held) words.hold(pair.own.get(), kStart);
    ASSERT_EQ(::send(pair.own.get(), "no", 2, 0), 2);
    pair.own = UniqueFd{};
    words.tick(kStart);
    int error = 0;
    const std::string read = pair.read_all(error);
    EXPECT_EQ(error, held ? 0 : ECONNRESET);
    if (held) {
      EXPECT_EQ(read, "no");
    }
  }
}

TEST(LastWords, EndWithThePeerOrInTime) {
  LastWords words;
  TcpPair stays, goes;
  words.hold(stays.own.get(), kStart);
  words.hold(goes.own.get(), kStart);
  goes.peer = UniqueFd{};
  char byte = 0;
  ASSERT_EQ(::recv(goes.own.get(), &byte, 1, MSG_PEEK), 0);  // its end has come
  words.tick(kStart + LastWords::kHeld);
  EXPECT_EQ(words.held(), 1u);
  words.tick(kStart + LastWords::kHeld + Duration{1});
  EXPECT_EQ(words.held(), 0u);
}

TEST(LastWords, OfSoManyAtATime) {
  LastWords words;
  TcpPair pair;
  for (std::size_t i = 0; i < LastWords::kMost + 5; ++i) words.hold(pair.own.get(), kStart);
  EXPECT_EQ(words.held(), LastWords::kMost);
  words.hold(-1, kStart);
  EXPECT_EQ(words.held(), LastWords::kMost);
}

}  // namespace
}  // namespace framewire::relay
