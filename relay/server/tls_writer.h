// The writing side of one TLS connection. OpenSSL makes a record for each 16 KiB and would send
// each by itself; here the records of one write leave in one send(). All that this TLS connection
// writes comes by here, OpenSSL's alerts and keys' updates too, so that records stay in order.
// Thread: its loop's. Lifetime: shared by the connection and the TLS object.
#pragma once
#include <memory>

#include "ingest/base/bytes.h"

struct ssl_st;

namespace framewire::relay {

class TlsWriter {
 public:
  // After the handshake. ssl: has nothing unsent. socket: borrowed, non-blocking.
  static std::shared_ptr<TlsWriter> install(ssl_st& ssl, int socket);

  // Encrypts all, sends what the socket takes, keeps the rest. False: the connection is over.
  bool write(Bytes plain);
  // Encrypts all, for somebody else to send: records stay good until sent(), which follows. False:
  // there is a rest, or no room beside what others have made ready; nothing has happened.
  bool make_ready(Bytes plain, Bytes& records);
  // What became of it (SocketSend); keeps the rest. False: the connection is over.
  bool sent(std::int32_t result);
  // Sends of the rest what the socket takes now. False: the connection is over.
  bool flush();
  std::size_t held_bytes() const { return rest_.size(); }
  // Nothing can be sent any more; its connection is to end.
  bool broken() const { return broken_; }
  // Nothing should be written: there is a rest.
  bool pending() const { return sent_ < rest_.size(); }

 private:
  friend struct RecordSink;
  TlsWriter(ssl_st& ssl, int socket) : ssl_(ssl), socket_(socket) {}
  bool seal(Bytes plain, Buffer& to);
  bool send(Bytes records);
  bool keep(Bytes records, std::int64_t taken);
  void take(Bytes records);

  ssl_st& ssl_;
  const int socket_;
  Buffer* gathers_ = nullptr;  // where records go; null: to the socket
  Bytes ready_;                // made ready, not yet sent
  bool broken_ = false;
  Buffer rest_;
  std::size_t sent_ = 0;  // of rest_
  std::size_t own_ = 0;   // of rest_, what OpenSSL said by itself
};

}  // namespace framewire::relay
