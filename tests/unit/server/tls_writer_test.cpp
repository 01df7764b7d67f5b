#include "relay/server/tls_writer.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "relay/tls/tls_identity.h"

namespace framewire::relay {
namespace {

template <auto Free>
struct Freeing {
  void operator()(auto* p) const { Free(p); }
};
using Context = std::unique_ptr<SSL_CTX, Freeing<SSL_CTX_free>>;
using Tls = std::unique_ptr<SSL, Freeing<SSL_free>>;

Context server_context() {
  std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY_free>> key{EVP_EC_gen("P-256")};
  std::unique_ptr<X509, Freeing<X509_free>> cert{X509_new()};
  X509_gmtime_adj(X509_getm_notBefore(cert.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(cert.get()), 3600);
  X509_set_pubkey(cert.get(), key.get());
  X509_sign(cert.get(), key.get(), EVP_sha256());
  Context context{SSL_CTX_new(TLS_server_method())};
  SSL_CTX_use_certificate(context.get(), cert.get());
  SSL_CTX_use_PrivateKey(context.get(), key.get());
  return context;
}

// Two ends of a socket that holds little, shaken hands.
struct Pair {
  Pair() {
    std::array<int, 2> ends{};
    EXPECT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()));
    ours = ends[0];
    theirs = ends[1];
    const int small = 16 << 10;
    setsockopt(ours, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    server.reset(SSL_new(contexts[0].get()));
    client.reset(SSL_new(contexts[1].get()));
    SSL_set_fd(server.get(), ours);
    SSL_set_fd(client.get(), theirs);
    SSL_set_accept_state(server.get());
    SSL_set_connect_state(client.get());
    for (int i = 0;
         i < 10 && !(SSL_is_init_finished(server.get()) && SSL_is_init_finished(client.get()));
         ++i) {
      SSL_do_handshake(client.get());
      SSL_do_handshake(server.get());
    }
  }
  ~Pair() {
    server.reset();
    close(ours);
    close(theirs);
  }
  // All that has arrived at the client.
  void read(Buffer& into) {
    std::array<std::byte, 20'000> piece;
    for (int got = 1; got > 0;) {
      got = SSL_read(client.get(), piece.data(), piece.size());
      if (got > 0) append(into, Bytes{piece}.first(static_cast<std::size_t>(got)));
    }
  }

  std::array<Context, 2> contexts{server_context(), Context{SSL_CTX_new(TLS_client_method())}};
  int ours = -1;
  int theirs = -1;
  Tls server;
  Tls client;
};

Buffer numbers(std::size_t size) {
  Buffer out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::byte>(i * 7 + i / 251);
  return out;
}

TEST(TlsWriter, WhatTheSocketDoesNotTakeFollowsInOrder) {
  Pair pair;
  auto writer = TlsWriter::install(*pair.server, pair.ours);
  const Buffer sent = numbers(1'000'000);
  ASSERT_TRUE(writer->write(sent));
  EXPECT_TRUE(writer->pending());
  Buffer got;
  for (int i = 0; i < 10'000 && writer->pending(); ++i) {
    pair.read(got);
    ASSERT_TRUE(writer->flush());
  }
  pair.read(got);
  EXPECT_FALSE(writer->pending());
  EXPECT_EQ(got, sent);
}

TEST(TlsWriter, WritesOfOthersGoBehindTheRest) {
  Pair pair;
  auto writer = TlsWriter::install(*pair.server, pair.ours);
  Buffer sent = numbers(200'000);
  ASSERT_TRUE(writer->write(sent));
  ASSERT_TRUE(writer->pending());
  const Buffer pong = numbers(20);
  EXPECT_EQ(20, SSL_write(pair.server.get(), pong.data(), 20));  // as OpenSSL does
  append(sent, pong);
  Buffer got;
  for (int i = 0; i < 10'000 && writer->pending(); ++i) {
    pair.read(got);
    ASSERT_TRUE(writer->flush());
  }
  pair.read(got);
  EXPECT_EQ(got, sent);
}

TEST(TlsWriter, WhatIsMadeReadyIsSentBySomebodyElse) {
  Pair pair;
  Pair other;
  auto writer = TlsWriter::install(*pair.server, pair.ours);
  auto second = TlsWriter::install(*other.server, other.ours);
  const Buffer sent = numbers(60'000);
  Bytes records;
  Bytes others;
  ASSERT_TRUE(writer->make_ready(sent, records));
  ASSERT_TRUE(second->make_ready(sent, others));
  EXPECT_GT(records.size(), sent.size());
  const Bytes few = records.first(10'000);  // the socket takes no more than that
  ASSERT_EQ(static_cast<ssize_t>(few.size()),
            send(pair.ours, few.data(), few.size(), MSG_NOSIGNAL));
  ASSERT_TRUE(writer->sent(static_cast<std::int32_t>(few.size())));
  ASSERT_TRUE(second->sent(-EAGAIN));
  for (auto [of, from] : {std::pair{&pair, writer.get()}, std::pair{&other, second.get()}}) {
    EXPECT_TRUE(from->pending());
    Bytes none;
    EXPECT_FALSE(from->make_ready(sent, none)) << "while there is a rest";
    Buffer got;
    for (int i = 0; i < 10'000 && from->pending(); ++i) {
      of->read(got);
      ASSERT_TRUE(from->flush());
    }
    of->read(got);
    EXPECT_EQ(got, sent);
  }
}

TEST(TlsWriter, WhatIsReadyIsBoundedAndStaysWhereItIs) {
  std::deque<Pair> pairs(12);
  std::vector<std::shared_ptr<TlsWriter>> writers;
  std::vector<Bytes> records;
  const Buffer part = numbers(100'000);
  for (Pair& pair : pairs) {
    writers.push_back(TlsWriter::install(*pair.server, pair.ours));
    Bytes made;
    if (writers.back()->make_ready(part, made)) records.push_back(made);
  }
  ASSERT_EQ(records.size(), 5u) << "half a megabyte";
  for (std::size_t i = 1; i < records.size(); ++i)
    EXPECT_EQ(records[i].data(), records[i - 1].data() + records[i - 1].size());
  for (std::size_t i = 0; i < records.size(); ++i)
    EXPECT_TRUE(writers[i]->sent(static_cast<std::int32_t>(records[i].size())));
  Bytes made;
  EXPECT_TRUE(writers[9]->make_ready(part, made)) << "there is room again";
  EXPECT_FALSE(writers[9]->sent(-EPIPE));
  EXPECT_FALSE(writers[9]->make_ready(part, made)) << "its connection is over";
}

TEST(TlsWriter, APeerThatIsGoneEndsIt) {
  Pair pair;
  auto writer = TlsWriter::install(*pair.server, pair.ours);
  shutdown(pair.theirs, SHUT_RDWR);
  EXPECT_FALSE(writer->write(numbers(100)));
  EXPECT_FALSE(writer->write(numbers(100)));
}

TEST(TlsWriter, OutlivesItsTls) {
  Pair pair;
  auto writer = TlsWriter::install(*pair.server, pair.ours);
  pair.server.reset();
  EXPECT_EQ(1, writer.use_count());
}

// A client that asks for new keys again and again and reads none of the answers: each record is a
// read of its own, so a loop has its turns, and what is held of the answers has a limit.
TEST(TlsWriter, KeyUpdatesAreReadOneByOneAndAnsweredWithinALimit) {
  Pair pair;
  show_identity(*pair.contexts[0], nullptr);
  // As a connection made after it has it.
  SSL_clear_mode(pair.server.get(),
                 ~SSL_CTX_get_mode(pair.contexts[0].get()) & SSL_MODE_AUTO_RETRY);
  const auto writer = TlsWriter::install(*pair.server, pair.ours);
  std::byte room{};
  int asked = 0;
  const auto ask = [&] {
    EXPECT_EQ(SSL_key_update(pair.client.get(), SSL_KEY_UPDATE_REQUESTED), 1);
    const int done = SSL_do_handshake(pair.client.get());
    EXPECT_EQ(done, 1) << SSL_get_error(pair.client.get(), done) << " at " << asked << ", held "
                       << writer->held_bytes();
    return done == 1;
  };
  for (; asked < 20'000 && !writer->broken() && ask() && ask(); ++asked) {
    const auto more = [&] { return recv(pair.ours, &room, 1, MSG_PEEK | MSG_DONTWAIT) > 0; };
    EXPECT_LE(SSL_read(pair.server.get(), &room, 1), 0);
    EXPECT_TRUE(more()) << "one read took both";
    for (int i = 0; i < 8 && more(); ++i) EXPECT_LE(SSL_read(pair.server.get(), &room, 1), 0);
    ERR_clear_error();
  }
  EXPECT_TRUE(writer->broken()) << "after " << asked << " pairs";
  EXPECT_LE(writer->held_bytes(), 80u << 10);
}

}  // namespace
}  // namespace framewire::relay
