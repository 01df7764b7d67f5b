// Whose client certificates are taken (--client-ca): the certificate authorities of a file, against
// which TLS checks what a client shows, and what is known of a client that was checked. A file that
// is read anew counts at once: certificates of connections that are open are checked again by it.
// Tickets and sessions are given to nobody, so that each connection shows its certificate itself.
// Thread: immutable, any; an SSL object is its loop's. Errors: refused, naming the file. Source:
// SSL_CTX_set_verify(3), RFC 5280.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/error.h"
#include "relay/base/client_certificate.h"
#include "relay/tls/tls_files.h"

struct ssl_ctx_st;
struct ssl_st;
struct x509_store_st;

namespace framewire::relay {

inline constexpr std::size_t kMostAuthorities = 1'000;  // certificates and lists of one file

class ClientAuthority {
 public:
  // PEM: authorities' certificates, and lists of what they have revoked (X509 CRL), if any is there
  // for each.
  static Result<std::shared_ptr<const ClientAuthority>> load(const std::string& path);

  // Before the handshake.
  void ask_in(ssl_st& handshake, bool required) const;
  // The certificate that the peer has shown, if it is taken by this authority; nullopt also before
  // the handshake is over. now: on the steady clock.
  std::optional<ClientCertificate> shown_by(ssl_st& tls, Time now) const;
  // False: the peer has shown one, which this authority does not take.
  bool takes(ssl_st& tls) const;

 private:
  struct FreeStore {
    void operator()(x509_store_st* store) const noexcept;
  };
  enum class Shown : std::uint8_t { nothing, good, foreign };
  Shown look(ssl_st& tls) const;

  std::unique_ptr<x509_store_st, FreeStore> store_;
  std::vector<Certificate> authorities_;
  std::uintptr_t number_ = 0;  // of this object, of no other
};

struct ClientDoor {
  std::shared_ptr<const ClientAuthority> authority;  // null: nobody is asked
  bool required = false;
  // A handshake ends, since what was shown is not taken, or nothing was: why, beginning with the
  // name of the fault.
  std::function<void(int socket, std::string_view why)> on_refused;
};

// Each handshake of `context` asks as `door` says then; both belong to one thread, and `door`
// outlives `context`. There is an authority in it from the start on.
void ask_for_certificates(ssl_ctx_st& context, const ClientDoor& door);

}  // namespace framewire::relay
