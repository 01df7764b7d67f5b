// Whether a certificate chain and a private key (PEM files) can serve TLS: asked before the server
// starts, so that the answer is one sentence and not a library's error queue. Thread: any.  Errors:
// refused, naming the file and what is wrong with it.
#pragma once
#include <memory>
#include <string>

#include "ingest/base/error.h"

struct evp_pkey_st;
struct x509_st;

namespace framewire::relay {

struct FreeCertificate {
  void operator()(x509_st* certificate) const noexcept;
};
struct FreeKey {
  void operator()(evp_pkey_st* key) const noexcept;
};
using Certificate = std::unique_ptr<x509_st, FreeCertificate>;
using PrivateKey = std::unique_ptr<evp_pkey_st, FreeKey>;

// Both can be read, belong together, and the certificate is valid now.
Result<void> check_tls_files(const std::string& cert_path, const std::string& key_path);

// The newest error of OpenSSL on this thread, as a sentence; empties its queue.
std::string openssl_error();

}  // namespace framewire::relay
