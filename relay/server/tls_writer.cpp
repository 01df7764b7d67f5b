#include "relay/server/tls_writer.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace framewire::relay {
namespace {

// The records of the write that is going on; one for all connections of a loop.
thread_local Buffer gathered;

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
  gathering_ = true;
  const int written = SSL_write(&ssl_, plain.data(), static_cast<int>(plain.size()));
  gathering_ = false;
  const bool sent = send(gathered);
  gathered.clear();
  if (written <= 0) ERR_clear_error();
  return sent && written > 0;
}

void TlsWriter::take(Bytes records) {
  if (gathering_)
    append(gathered, records);
  else
    send(records);
}

bool TlsWriter::send(Bytes records) {
  std::size_t taken = 0;
  if (!pending() && !broken_) {
    const auto count = ::send(socket_, records.data(), records.size(), MSG_NOSIGNAL);
    broken_ = count < 0 && errno != EAGAIN && errno != EINTR;
    taken = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  }
  if (!broken_) append(rest_, records.subspan(taken));
  return !broken_;
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
