#include "relay/tls/tls_files.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace framewire::relay {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

Result<File> open_file(const std::string& path) {
  File file(std::fopen(path.c_str(), "re"));
  if (file) return file;
  return fail(Errc::refused,
              fmt::format("{} cannot be read: {}", path, std::generic_category().message(errno)));
}

// A key with a passphrase is refused; without this OpenSSL would ask on the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

Result<Certificate> read_certificate(const std::string& path) {
  auto file = open_file(path);
  if (!file) return tl::make_unexpected(file.error());
  Certificate certificate(PEM_read_X509(file->get(), nullptr, no_passphrase, nullptr));
  if (certificate) return certificate;
  openssl_error();
  return fail(Errc::refused, fmt::format("{} holds no PEM certificate", path));
}

Result<PrivateKey> read_key(const std::string& path) {
  auto file = open_file(path);
  if (!file) return tl::make_unexpected(file.error());
  PrivateKey key(PEM_read_PrivateKey(file->get(), nullptr, no_passphrase, nullptr));
  if (key) return key;
  openssl_error();
  return fail(Errc::refused, fmt::format("{} holds no PEM private key without passphrase", path));
}

}  // namespace

void FreeCertificate::operator()(x509_st* certificate) const noexcept {
  X509_free(certificate);
}
void FreeKey::operator()(evp_pkey_st* key) const noexcept {
  EVP_PKEY_free(key);
}

Result<void> check_tls_files(const std::string& cert_path, const std::string& key_path) {
  const auto certificate = read_certificate(cert_path);
  if (!certificate) return tl::make_unexpected(certificate.error());
  const auto key = read_key(key_path);
  if (!key) return tl::make_unexpected(key.error());
  if (X509_check_private_key(certificate->get(), key->get()) != 1) {
    openssl_error();
    return fail(Errc::refused,
                fmt::format("{} is not the key of the certificate in {}", key_path, cert_path));
  }
  if (X509_cmp_current_time(X509_get0_notAfter(certificate->get())) < 0) {
    return fail(Errc::refused, fmt::format("the certificate in {} has expired", cert_path));
  }
  if (X509_cmp_current_time(X509_get0_notBefore(certificate->get())) > 0) {
    return fail(Errc::refused, fmt::format("the certificate in {} is not valid yet", cert_path));
  }
  return {};
}

std::string openssl_error() {
  char text[256] = "unknown error of OpenSSL";
  if (const unsigned long newest = ERR_peek_last_error(); newest != 0) {
    ERR_error_string_n(newest, text, sizeof text);
  }
  ERR_clear_error();
  return text;
}

}  // namespace framewire::relay
