// The client certificate of a Connection: TLS has checked it in the handshake, and what is asked
// here is whether it is still taken.
#include <spdlog/spdlog.h>

#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"

namespace framewire::relay {

ssl_st* Connection::checked_tls() const {
  return loop_.clients().authority ? ssl() : nullptr;
}

std::optional<ClientCertificate> Connection::certificate() const {
  ssl_st* const shown = checked_tls();
  if (!shown) return std::nullopt;
  return loop_.clients().authority->shown_by(*shown, loop_.now());
}

// Where each has to show one, and TLS has seen to that: it is not taken any more, or over.
bool Connection::lacks_certificate() const {
  if (!loop_.clients().required) return false;
  const auto shown = certificate();
  return !shown || loop_.now() >= shown->ends;
}

void Connection::recheck_certificate() {
  ssl_st* const shown = checked_tls();
  if (!shown || killed_ || loop_.clients().authority->takes(*shown)) return;
  spdlog::info("{}: its client certificate is not taken any more: sent away", peer_);
  if (session_ && !ending_)
    session_->dismiss(kCertificateRemoved);
  else
    kill();
}

}  // namespace framewire::relay
