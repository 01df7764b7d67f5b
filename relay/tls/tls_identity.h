// The certificate chain and key that a server shows, apart from the SSL_CTX that shows them: what
// is current is asked for at each handshake, so that a renewed one serves new connections while
// those that are open go on. Thread: immutable, any. Errors: refused, naming the file. Source:
// SSL_CTX_set_cert_cb(3).
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "ingest/base/error.h"
#include "relay/tls/tls_files.h"

struct ssl_ctx_st;
struct ssl_st;

namespace framewire::relay {

class TlsIdentity {
 public:
  // PEM files, checked as check_tls_files() does; cert_path holds the chain, the server's own
  // first.
  static Result<std::shared_ptr<const TlsIdentity>> load(const std::string& cert_path,
                                                         const std::string& key_path);
  bool show_in(ssl_st& handshake) const;

 private:
  std::vector<Certificate> chain_;
  PrivateKey key_;
};

// Each handshake of `context` shows what `current` holds then; both belong to one thread, and
// `current` outlives `context`.
void show_identity(ssl_ctx_st& context, const std::shared_ptr<const TlsIdentity>& current);

}  // namespace framewire::relay
