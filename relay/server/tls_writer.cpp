#include "relay/server/tls_writer.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace framewire::relay {
namespace {

// What is made ready at a time. More would leave the cache before it is sent.
constexpr std::size_t kReadyBytes = 512u << 10;
constexpr std::size_t kOwnBytes = 64u << 10;     // behind a rest: a peer that asks and never reads
constexpr std::size_t kRecordBytes = 16u << 10;  // RFC 8446, section 5.1
constexpr std::size_t kRecordCost =
    256;  // its header, padding and tag, and an alert: more than enough

// Of all connections of a loop: the records of the write that is going on, and those made ready.
thread_local Buffer gathered;
struct Ready {
  Buffer records;  // never grows past what it reserved
  std::size_t writers = 0;
};
thread_local Ready ready;

constexpr std::size_t sealed_bytes(std::size_t plain) {
  return plain + (plain / kRecordBytes + 1) * kRecordCost;
}

}  // namespace

// The BIO (OpenSSL's BIO_meth_new(3)) behind the TLS object; its data is a shared_ptr to the
// writer.
struct RecordSink {
  using Owner = std::shared_ptr<TlsWriter>;

  static int write(BIO* bio, const char* data, int size) {
    auto& writer = **static_cast<Owner*>(BIO_get_data(bio));
    writer.take({reinterpret_cast<const std::byte*>(data), static_cast<std::size_t>(size)});
    return size;
  }
  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }
  static int destroy(BIO* bio) {
    delete static_cast<Owner*>(BIO_get_data(bio));
    BIO_set_data(bio, nullptr);
    return 1;
  }
  static BIO* make(Owner owner) {
    static BIO_METHOD* const method = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "records");
      BIO_meth_set_write(made, write);
      BIO_meth_set_ctrl(made, control);
      BIO_meth_set_destroy(made, destroy);
      return made;
    }();
    BIO* bio = BIO_new(method);
    BIO_set_data(bio, new Owner{std::move(owner)});
    BIO_set_init(bio, 1);
    return bio;
  }
};

std::shared_ptr<TlsWriter> TlsWriter::install(ssl_st& ssl, int socket) {
  std::shared_ptr<TlsWriter> writer{new TlsWriter{ssl, socket}};
  SSL_set0_wbio(&ssl, RecordSink::make(writer));
  // Thousands of idle viewers: no buffer of 16 KiB each.
  SSL_set_mode(&ssl, SSL_MODE_RELEASE_BUFFERS);
  return writer;
}

bool TlsWriter::write(Bytes plain) {
  const bool sealed = seal(plain, gathered);
  const bool sent = send(gathered);
  gathered.clear();
  return sent && sealed;
}

bool TlsWriter::make_ready(Bytes plain, Bytes& records) {
  Buffer& to = ready.records;
  if (pending() || broken_ || to.size() + sealed_bytes(plain.size()) > kReadyBytes) return false;
  to.reserve(kReadyBytes);
  const std::size_t at = to.size();
  broken_ = !seal(plain, to) || broken_;
  ++ready.writers;
  records = ready_ = Bytes{to}.subspan(at);
  return true;
}

bool TlsWriter::sent(std::int32_t result) {
  const bool good = keep(std::exchange(ready_, {}), result);
  if (--ready.writers == 0) ready.records.clear();
  return good;
}

// False: the TLS object is broken; it may have made records nevertheless, such as an alert.
bool TlsWriter::seal(Bytes plain, Buffer& to) {
  gathers_ = &to;
  const int written = SSL_write(&ssl_, plain.data(), static_cast<int>(plain.size()));
  gathers_ = nullptr;
  if (written <= 0) ERR_clear_error();
  return written > 0;
}

void TlsWriter::take(Bytes records) {
  if (!gathers_) {  // OpenSSL's own: alerts, and answers to key updates
    own_ = pending() ? own_ + records.size() : 0;
    if (own_ > kOwnBytes)
      broken_ = true;
    else
      send(records);
  } else if (gathers_ != &ready.records || gathers_->size() + records.size() <= kReadyBytes) {
    append(*gathers_, records);
  } else {
    broken_ = true;  // what is ready must not move
  }
}

bool TlsWriter::send(Bytes records) {
  if (pending() || broken_) return keep(records, 0);
  const auto count = ::send(socket_, records.data(), records.size(), MSG_NOSIGNAL);
  return keep(records, count < 0 ? -errno : count);
}

// taken: of the records, by the socket; or -errno.
bool TlsWriter::keep(Bytes records, std::int64_t taken) {
  broken_ = broken_ || (taken < 0 && taken != -EAGAIN && taken != -EINTR);
  if (broken_) return false;
  append(rest_, records.subspan(static_cast<std::size_t>(std::max<std::int64_t>(taken, 0))));
  return true;
}

bool TlsWriter::flush() {
  const Bytes unsent = Bytes{rest_}.subspan(sent_);
  const auto count = ::send(socket_, unsent.data(), unsent.size(), MSG_NOSIGNAL);
  broken_ = broken_ || (count < 0 && errno != EAGAIN && errno != EINTR);
  sent_ += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  if (!pending()) {
    rest_ = {};
    sent_ = 0;
  }
  return !broken_;
}

}  // namespace framewire::relay
