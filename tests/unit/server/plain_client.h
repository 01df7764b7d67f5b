// A blocking TCP connection to a server in this process: it sends what it is told to, and waits for
// what it expects.
#pragma once
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace framewire::relay {

class PlainClient {
 public:
  struct Frame {
    unsigned opcode = 0;
    std::string payload;
    unsigned close_code() const {
      return payload.size() < 2 ? 0
                                : static_cast<unsigned char>(payload[0]) * 256u +
                                      static_cast<unsigned char>(payload[1]);
    }
  };
  static constexpr unsigned kText = 1, kClose = 8;

  explicit PlainClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    const timeval longest{30, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  }
  ~PlainClient() { close(); }
  PlainClient(const PlainClient&) = delete;
  PlainClient& operator=(const PlainClient&) = delete;

  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  // Gone at once, where close() only says that nothing more is sent.
  void reset() {
    const linger none{1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close();
  }
  void send(std::string_view bytes) {
    EXPECT_EQ(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  void get(std::string_view target) {
    send("GET " + std::string{target} + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  }
  void upgrade(std::string_view target, bool v1) {
    send("GET " + std::string{target} +
         " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
         (v1 ? "Sec-WebSocket-Protocol: framewire.v1\r\n" : "") + "\r\n");
  }
  // Masked with nothing (RFC 6455, section 5.3).
  void send_text(std::string_view text) {
    std::string frame{"\x81"};
    frame += static_cast<char>(0x80u + text.size());
    frame.append(4, '\0').append(text);
    send(frame);
  }

  // What has come up to the end of `what`, which is waited for; all that came where it never does.
  std::string until(std::string_view what) {
    for (;;) {
      if (const auto at = came_.find(what); at != std::string::npos) return take(at + what.size());
      if (!read()) {
        ADD_FAILURE() << "waited for " << what << ", and came: " << came_;
        return take(came_.size());
      }
    }
  }
  std::string head() { return until("\r\n\r\n"); }
  unsigned status() { return static_cast<unsigned>(std::stoul("0" + head().substr(9, 3))); }
  // Up to the connection's end.
  std::string rest() {
    while (read()) {
    }
    return take(came_.size());
  }
  Frame frame() {
    Frame out;
    const std::string head = bytes(2);
    if (head.size() < 2) return out;
    out.opcode = static_cast<unsigned char>(head[0]) & 0x0fu;
    std::size_t size = static_cast<unsigned char>(head[1]);
    if (size == 126) {
      const std::string longer = bytes(2);
      size = static_cast<unsigned char>(longer[0]) * 256u + static_cast<unsigned char>(longer[1]);
    }
    out.payload = bytes(size);
    return out;
  }
  // The next one of this kind; others are left out.
  Frame frame(unsigned opcode) {
    for (;;) {
      Frame next = frame();
      if (next.opcode == opcode || next.opcode == 0) return next;
    }
  }

 private:
  std::string take(std::size_t size) {
    std::string out = came_.substr(0, size);
    came_.erase(0, size);
    return out;
  }
  std::string bytes(std::size_t size) {
    while (came_.size() < size && read()) {
    }
    EXPECT_GE(came_.size(), size) << "the connection ended in a ws frame";
    return take(size);
  }
  bool read() {
    std::array<char, 4096> room;
    ssize_t got = 0;
    do {  // with a time-out, a signal to the process ends the wait (socket(7))
      got = ::recv(socket_, room.data(), room.size(), 0);
    } while (got < 0 && errno == EINTR);
    if (got > 0) came_.append(room.data(), static_cast<std::size_t>(got));
    return got > 0;
  }

  int socket_;
  std::string came_;  // and not taken yet
};

}  // namespace framewire::relay
