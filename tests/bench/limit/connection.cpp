#include "connection.h"

#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace framewire::limit {
namespace {

constexpr std::size_t kRestMost = 4u << 20;

// The records of one SSL_write. One thread: one buffer.
std::vector<std::byte> records;

int gather_records(BIO*, const char* data, int size) {
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  records.insert(records.end(), bytes, bytes + size);
  return size;
}

long gather_control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

int gather_create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

BIO* gathering_bio() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "gather");
    BIO_meth_set_write(made, gather_records);
    BIO_meth_set_ctrl(made, gather_control);
    BIO_meth_set_create(made, gather_create);
    return made;
  }();
  return BIO_new(method);
}

}  // namespace

Connection::Connection(int fd, SSL_CTX* tls) : fd_(fd) {
  if (tls == nullptr) return;
  ssl_ = SSL_new(tls);
  SSL_set0_rbio(ssl_, BIO_new_socket(fd, BIO_NOCLOSE));
  SSL_set0_wbio(ssl_, gathering_bio());
  SSL_set_accept_state(ssl_);
}

Connection::~Connection() {
  if (ssl_ != nullptr) SSL_free(ssl_);
  ::close(fd_);
}

std::ptrdiff_t Connection::read(std::span<std::byte> to) {
  if (ssl_ == nullptr) {
    const ssize_t count = ::recv(fd_, to.data(), to.size(), 0);
    if (count > 0) return count;
    return count < 0 && errno == EAGAIN ? 0 : -1;
  }
  // Also the handshake, whose answers are gathered too.
  const int count = SSL_read(ssl_, to.data(), static_cast<int>(to.size()));
  if (!finish_tls_write()) return -1;
  if (count > 0) return count;
  const int error = SSL_get_error(ssl_, count);
  ERR_clear_error();
  return error == SSL_ERROR_WANT_READ ? 0 : -1;
}

bool Connection::send(std::span<const std::byte> bytes) {
  if (rest_.size() - rest_sent_ > kRestMost) return true;
  if (ssl_ == nullptr) return send_plain(bytes);
  if (SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) <= 0) {
    ERR_clear_error();
    return false;
  }
  return finish_tls_write();
}

bool Connection::finish_tls_write() {
  const bool sent = records.empty() || send_plain(records);
  records.clear();
  return sent;
}

bool Connection::send_plain(std::span<const std::byte> bytes) {
  std::size_t taken = 0;
  if (rest_.empty()) {
    const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN) return false;
    taken = count > 0 ? static_cast<std::size_t>(count) : 0;
  }
  if (taken < bytes.size())
    rest_.insert(rest_.end(), bytes.begin() + static_cast<std::ptrdiff_t>(taken), bytes.end());
  return true;
}

bool Connection::send_rest() {
  while (rest_sent_ < rest_.size()) {
    const ssize_t count =
        ::send(fd_, rest_.data() + rest_sent_, rest_.size() - rest_sent_, MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN;
    rest_sent_ += static_cast<std::size_t>(count);
  }
  std::vector<std::byte>{}.swap(rest_);
  rest_sent_ = 0;
  return true;
}

}  // namespace framewire::limit
