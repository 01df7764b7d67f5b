#include "relay/tls/tls_identity.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <utility>

namespace framewire::relay {
namespace {

constexpr std::size_t kLongestChain = 16;

struct FreeBio {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_free(stack); }
};

int no_password(char*, int, int, void*) {
  return -1;
}

int on_certificate(SSL* handshake, void* current) {
  const auto& identity = *static_cast<const std::shared_ptr<const TlsIdentity>*>(current);
  return identity && identity->show_in(*handshake) ? 1 : 0;
}

}  // namespace

Result<std::shared_ptr<const TlsIdentity>> TlsIdentity::load(const std::string& cert_path,
                                                             const std::string& key_path) {
  if (auto checked = check_tls_files(cert_path, key_path); !checked)
    return tl::make_unexpected(checked.error());
  auto identity = std::make_shared<TlsIdentity>();
  const std::unique_ptr<BIO, FreeBio> certs{BIO_new_file(cert_path.c_str(), "r")};
  while (certs && identity->chain_.size() < kLongestChain) {
    Certificate next{PEM_read_bio_X509(certs.get(), nullptr, no_password, nullptr)};
    if (!next) break;
    identity->chain_.push_back(std::move(next));
  }
  const std::unique_ptr<BIO, FreeBio> keys{BIO_new_file(key_path.c_str(), "r")};
  if (keys)
    identity->key_.reset(PEM_read_bio_PrivateKey(keys.get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  // It may have been replaced since it was checked.
  if (identity->chain_.empty() || !identity->key_ ||
      X509_check_private_key(identity->chain_.front().get(), identity->key_.get()) != 1) {
    ERR_clear_error();
    return fail(Errc::refused,
                fmt::format("{} and {} changed while they were read", cert_path, key_path));
  }
  return identity;
}

bool TlsIdentity::show_in(SSL& handshake) const {
  const std::unique_ptr<STACK_OF(X509), FreeStack> others{sk_X509_new_null()};
  if (!others) return false;
  for (std::size_t i = 1; i < chain_.size(); ++i) sk_X509_push(others.get(), chain_[i].get());
  SSL_certs_clear(&handshake);  // one of another kind of key may be there
  return SSL_use_cert_and_key(&handshake, chain_.front().get(), key_.get(), others.get(), 1) == 1;
}

void show_identity(SSL_CTX& context, const std::shared_ptr<const TlsIdentity>& current) {
  // One record a read: else a client's key updates, one behind the other, keep a loop in one call.
  SSL_CTX_clear_mode(&context, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_cert_cb(&context, on_certificate,
                      const_cast<std::shared_ptr<const TlsIdentity>*>(&current));
}

}  // namespace framewire::relay
