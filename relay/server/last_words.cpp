#include "relay/server/last_words.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace framewire::relay {
namespace {

constexpr int kReadsPerTick = 4;

// False: nothing more comes.
bool drop_what_came(int socket) {
  std::array<char, 16u << 10> bytes;
  for (int i = 0; i < kReadsPerTick; ++i) {
    const ssize_t count = ::recv(socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    if (count == 0) return false;
  }
  return true;
}

}  // namespace

void LastWords::hold(int socket, Time now) {
  if (held_.size() >= kMost) return;
  UniqueFd second{::fcntl(socket, F_DUPFD_CLOEXEC, 0)};
  if (second) held_.push_back({std::move(second), now + kHeld});
}

void LastWords::tick(Time now) {
  std::erase_if(held_, [now](const Held& each) {
    ::shutdown(each.socket.get(), SHUT_WR);
    return !drop_what_came(each.socket.get()) || now > each.until;
  });
}

}  // namespace framewire::relay
