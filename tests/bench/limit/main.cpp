// limit [--tls]: listens on a free port of 127.0.0.1 and says where, as framewire does.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <csignal>
#include <cstdio>
#include <string_view>

#include "relay/tls/tls_self_signed.h"
#include "server.h"

namespace {

constexpr int kBacklog = 4096;

int listen_on_loopback(sockaddr_in& address) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (listener < 0 || bind(listener, any, size) != 0 || listen(listener, kBacklog) != 0 ||
      getsockname(listener, any, &size) != 0)
    return -1;
  return listener;
}

// The same kind of certificate as framewire's own, so that handshakes cost the same.
SSL_CTX* tls_context() {
  const auto certificate = framewire::relay::SelfSignedCertificate::make("127.0.0.1");
  if (!certificate) return nullptr;
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  if (context == nullptr ||
      SSL_CTX_use_certificate_chain_file(context, certificate->cert_path().c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, certificate->key_path().c_str(), SSL_FILETYPE_PEM) != 1)
    return nullptr;
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  return context;
}

}  // namespace

int main(int argc, char** argv) {
  const bool tls = argc > 1 && std::string_view{argv[1]} == "--tls";
  std::signal(SIGPIPE, SIG_IGN);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  sockaddr_in address{};
  const int listener = listen_on_loopback(address);
  SSL_CTX* const context = tls ? tls_context() : nullptr;
  if (listener < 0 || (tls && context == nullptr)) {
    fmt::print(stderr, "limit: cannot listen, or make a certificate\n");
    return 1;
  }
  fmt::print("limit listening on {}://127.0.0.1:{}\n", tls ? "wss" : "ws", ntohs(address.sin_port));
  std::fflush(stdout);
  framewire::limit::Server(listener, context).run();
}
