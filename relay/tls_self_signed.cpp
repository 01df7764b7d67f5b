#include "relay/tls_self_signed.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "relay/tls_files.h"

namespace framewire::relay {
namespace {

constexpr int kDays = 90;

struct FreeBio {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

tl::unexpected<Error> failed(std::string_view what) {
  return fail(Errc::internal,
              fmt::format("self-signed certificate: {}: {}", what, openssl_error()));
}

tl::unexpected<Error> failed_call(std::string_view what) {
  return fail(Errc::internal, fmt::format("self-signed certificate: {}: {}", what,
                                          std::generic_category().message(errno)));
}

bool set_random_serial(X509* certificate) {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
  bytes[0] &= 0x7f;  // a serial number is positive
  std::unique_ptr<BIGNUM, decltype(&BN_free)> number(
      BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr), BN_free);
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), X509_EXTENSION_free);
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

std::string alternative_names(const std::string& host) {
  std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  if (host != "127.0.0.1" && host != "::1") names += ",IP:" + host;
  return names;
}

Result<Certificate> sign_certificate(EVP_PKEY* key, const std::string& host) {
  Certificate certificate(X509_new());
  if (!certificate) return failed("no memory");
  X509* const x509 = certificate.get();
  X509_NAME* const name = X509_get_subject_name(x509);
  const auto* const common_name = reinterpret_cast<const unsigned char*>("framewire");
  const bool made =
      X509_set_version(x509, X509_VERSION_3) == 1 && set_random_serial(x509) &&
      X509_gmtime_adj(X509_getm_notBefore(x509), -3600) != nullptr &&  // clocks differ
      X509_gmtime_adj(X509_getm_notAfter(x509), kDays * 24L * 3600) != nullptr &&
      X509_set_pubkey(x509, key) == 1 &&
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, common_name, -1, -1, 0) == 1 &&
      X509_set_issuer_name(x509, name) == 1 &&
      add_extension(x509, NID_basic_constraints, "critical,CA:FALSE") &&
      add_extension(x509, NID_key_usage, "critical,digitalSignature") &&
      add_extension(x509, NID_ext_key_usage, "serverAuth") &&
      add_extension(x509, NID_subject_alt_name, alternative_names(host)) &&
      X509_sign(x509, key, EVP_sha256()) > 0;
  if (!made) return failed("it could not be made");
  return certificate;
}

Result<std::string> fingerprint_of(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return failed("no digest");
  std::string text;
  for (unsigned i = 0; i < size; ++i) text += fmt::format("{}{:02X}", i == 0 ? "" : ":", digest[i]);
  return text;
}

// A new file that only this user may read.
Result<Bio> create_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return failed_call(path);
  Bio bio(BIO_new_fd(descriptor, BIO_CLOSE));
  if (!bio) return failed(path);
  return bio;
}

Result<void> write_files(const SelfSignedCertificate& to, X509* certificate, EVP_PKEY* key) {
  auto cert_file = create_file(to.cert_path());
  if (!cert_file) return tl::make_unexpected(cert_file.error());
  auto key_file = create_file(to.key_path());
  if (!key_file) return tl::make_unexpected(key_file.error());
  if (PEM_write_bio_X509(cert_file->get(), certificate) != 1 ||
      PEM_write_bio_PrivateKey(key_file->get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return failed("it could not be written");
  }
  return {};
}

}  // namespace

Result<SelfSignedCertificate> SelfSignedCertificate::make(const std::string& host) {
  std::error_code error;
  std::string pattern = std::filesystem::temp_directory_path(error) / "framewire-tls-XXXXXX";
  if (error || ::mkdtemp(pattern.data()) == nullptr) return failed_call("no temporary directory");
  SelfSignedCertificate made{std::filesystem::path(pattern)};
  const PrivateKey key(EVP_EC_gen("P-256"));
  if (!key) return failed("no key");
  const auto certificate = sign_certificate(key.get(), host);
  if (!certificate) return tl::make_unexpected(certificate.error());
  auto fingerprint = fingerprint_of(certificate->get());
  if (!fingerprint) return tl::make_unexpected(fingerprint.error());
  made.fingerprint_ = *std::move(fingerprint);
  if (auto written = write_files(made, certificate->get(), key.get()); !written) {
    return tl::make_unexpected(written.error());
  }
  return made;
}

SelfSignedCertificate::SelfSignedCertificate(SelfSignedCertificate&& other) noexcept
    : directory_(std::exchange(other.directory_, {})),
      fingerprint_(std::exchange(other.fingerprint_, {})) {}

SelfSignedCertificate& SelfSignedCertificate::operator=(SelfSignedCertificate&& other) noexcept {
  std::swap(directory_, other.directory_);
  std::swap(fingerprint_, other.fingerprint_);
  return *this;
}

SelfSignedCertificate::~SelfSignedCertificate() {
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
}

}  // namespace framewire::relay
