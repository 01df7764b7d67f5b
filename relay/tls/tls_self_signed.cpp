#include "relay/tls/tls_self_signed.h"

#include <arpa/inet.h>
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
#include <ctime>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "relay/tls/tls_files.h"

namespace framewire::relay {
namespace {

constexpr int kDays = 90;
constexpr int kDaysLeft = 14;  // of one that is used again
constexpr const char* kFileName = "self-signed.pem";

struct FreeMemoryBio {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeMemoryBio>;

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

bool is_ip_address(const std::string& host) {
  in6_addr room{};
  return inet_pton(AF_INET, host.c_str(), &room) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &room) == 1;
}

std::string alternative_names(const std::vector<std::string>& hosts) {
  std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  for (const std::string& host : hosts)
    if (host != "127.0.0.1" && host != "::1")
      names += (is_ip_address(host) ? ",IP:" : ",DNS:") + host;
  return names;
}

Result<Certificate> sign_certificate(EVP_PKEY* key, const std::vector<std::string>& hosts) {
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
      add_extension(x509, NID_subject_alt_name, alternative_names(hosts)) &&
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

// Whole, or not there.
Result<void> write_file(const std::filesystem::path& path, X509* certificate, EVP_PKEY* key) {
  std::string fresh = path.string() + ".XXXXXX";
  const int descriptor = ::mkostemp(fresh.data(), O_CLOEXEC);  // 0600
  if (descriptor < 0) return failed_call(path.string());
  {
    const Bio file(BIO_new_fd(descriptor, BIO_CLOSE));
    if (!file || PEM_write_bio_X509(file.get(), certificate) != 1 ||
        PEM_write_bio_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
      ::unlink(fresh.c_str());
      return failed("it could not be written");
    }
  }
  if (::rename(fresh.c_str(), path.c_str()) == 0) return {};
  const auto error = failed_call(path.string());
  ::unlink(fresh.c_str());
  return error;
}

Result<std::string> make_file(const std::filesystem::path& path,
                              const std::vector<std::string>& hosts) {
  const PrivateKey key(EVP_EC_gen("P-256"));
  if (!key) return failed("no key");
  const auto certificate = sign_certificate(key.get(), hosts);
  if (!certificate) return tl::make_unexpected(certificate.error());
  if (auto written = write_file(path, certificate->get(), key.get()); !written)
    return tl::make_unexpected(written.error());
  return fingerprint_of(certificate->get());
}

bool names(X509* certificate, const std::string& host) {
  return is_ip_address(host) ? X509_check_ip_asc(certificate, host.c_str(), 0) == 1
                             : X509_check_host(certificate, host.c_str(), 0, 0, nullptr) == 1;
}

// The fingerprint of one that still serves; nullopt: there is none.
std::optional<std::string> still_good(const std::filesystem::path& path,
                                      const std::vector<std::string>& hosts) {
  if (!check_tls_files(path, path)) return std::nullopt;
  const Bio file(BIO_new_file(path.c_str(), "r"));
  const Certificate certificate(file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr)
                                     : nullptr);
  if (!certificate) return std::nullopt;
  std::time_t later = std::time(nullptr) + kDaysLeft * 24L * 3600;
  if (X509_cmp_time(X509_get0_notAfter(certificate.get()), &later) < 0) return std::nullopt;
  for (const std::string& host : hosts)
    if (!names(certificate.get(), host)) return std::nullopt;
  auto fingerprint = fingerprint_of(certificate.get());
  return fingerprint ? std::optional{*std::move(fingerprint)} : std::nullopt;
}

}  // namespace

Result<SelfSignedCertificate> SelfSignedCertificate::make(const std::string& host) {
  std::error_code error;
  std::string pattern = std::filesystem::temp_directory_path(error) / "framewire-tls-XXXXXX";
  if (error || ::mkdtemp(pattern.data()) == nullptr) return failed_call("no temporary directory");
  const std::filesystem::path directory{pattern};
  SelfSignedCertificate made{directory / kFileName, directory};
  auto fingerprint = make_file(made.file_, {host});
  if (!fingerprint) return tl::make_unexpected(fingerprint.error());
  made.fingerprint_ = *std::move(fingerprint);
  return made;
}

Result<SelfSignedCertificate> SelfSignedCertificate::kept_in(
    const std::filesystem::path& directory, const std::vector<std::string>& hosts) {
  std::error_code error;
  if (std::filesystem::create_directories(directory, error))
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
  SelfSignedCertificate kept{directory / kFileName, {}};
  if (auto fingerprint = still_good(kept.file_, hosts)) {
    kept.fingerprint_ = *std::move(fingerprint);
    return kept;
  }
  auto fingerprint = make_file(kept.file_, hosts);
  if (!fingerprint) return tl::make_unexpected(fingerprint.error());
  kept.fingerprint_ = *std::move(fingerprint);
  return kept;
}

SelfSignedCertificate::SelfSignedCertificate(SelfSignedCertificate&& other) noexcept
    : file_(std::exchange(other.file_, {})),
      temporary_(std::exchange(other.temporary_, {})),
      fingerprint_(std::exchange(other.fingerprint_, {})) {}

SelfSignedCertificate& SelfSignedCertificate::operator=(SelfSignedCertificate&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(temporary_, other.temporary_);
  std::swap(fingerprint_, other.fingerprint_);
  return *this;
}

SelfSignedCertificate::~SelfSignedCertificate() {
  std::error_code ignored;
  if (!temporary_.empty()) std::filesystem::remove_all(temporary_, ignored);
}

}  // namespace framewire::relay
