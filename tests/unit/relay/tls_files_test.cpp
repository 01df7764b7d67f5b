#include "relay/tls/tls_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "relay/tls/tls_self_signed.h"

namespace framewire::relay {
namespace {

using testing::HasSubstr;

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777;
}

Certificate read(const std::string& path) {
  std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(path.c_str(), "r"), BIO_free);
  return Certificate(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
}

TEST(SelfSigned, NamesTheLocalHostAndTheAddressListenedOn) {
  for (const char* host : {"192.168.1.5", "fe80::1", "127.0.0.1"}) {
    const auto made = SelfSignedCertificate::make(host);
    ASSERT_TRUE(made.has_value()) << made.error().what;
    const Certificate certificate = read(made->cert_path());
    ASSERT_TRUE(certificate);
    for (const char* address : {"127.0.0.1", "::1", host}) {
      EXPECT_EQ(X509_check_ip_asc(certificate.get(), address, 0), 1) << address;
    }
    EXPECT_EQ(X509_check_host(certificate.get(), "localhost", 0, 0, nullptr), 1);
    EXPECT_EQ(X509_check_ip_asc(certificate.get(), "10.0.0.1", 0), 0);
    EXPECT_EQ(made->fingerprint().size(), 32u * 3 - 1);
    EXPECT_TRUE(check_tls_files(made->cert_path(), made->key_path()).has_value());
  }
}

TEST(SelfSigned, KeepsItsFilesPrivateAndRemovesThem) {
  std::string cert_path;
  {
    auto made = SelfSignedCertificate::make("127.0.0.1");
    ASSERT_TRUE(made.has_value());
    const SelfSignedCertificate moved = *std::move(made);
    cert_path = moved.cert_path();
    EXPECT_EQ(mode_of(moved.key_path()), 0600u);
    EXPECT_EQ(mode_of(std::filesystem::path(cert_path).parent_path()), 0700u);
  }
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(cert_path).parent_path()));
}

TEST(SelfSigned, IsKeptForAsLongAsItNamesAllHosts) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / "self_signed_kept" / "below";
  std::filesystem::remove_all(folder.parent_path());
  const auto first = SelfSignedCertificate::kept_in(folder, {"192.168.1.5", "box", "box.local"});
  ASSERT_TRUE(first.has_value()) << first.error().what;
  const Certificate certificate = read(first->cert_path());
  EXPECT_EQ(X509_check_ip_asc(certificate.get(), "192.168.1.5", 0), 1);
  EXPECT_EQ(X509_check_host(certificate.get(), "box.local", 0, 0, nullptr), 1);
  EXPECT_EQ(mode_of(first->key_path()), 0600u);
  EXPECT_EQ(mode_of(folder), 0700u);
  EXPECT_TRUE(check_tls_files(first->cert_path(), first->key_path()).has_value());
  const auto again = SelfSignedCertificate::kept_in(folder, {"192.168.1.5"});
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->fingerprint(), first->fingerprint());
  const auto moved = SelfSignedCertificate::kept_in(folder, {"192.168.1.6"});
  ASSERT_TRUE(moved.has_value());
  EXPECT_NE(moved->fingerprint(), first->fingerprint());
  std::ofstream(moved->cert_path()) << "spoilt";
  const auto mended = SelfSignedCertificate::kept_in(folder, {"192.168.1.6"});
  ASSERT_TRUE(mended.has_value()) << mended.error().what;
  EXPECT_NE(mended->fingerprint(), moved->fingerprint());
  EXPECT_FALSE(SelfSignedCertificate::kept_in("/dev/null/x", {"192.168.1.6"}));
  std::filesystem::remove_all(folder.parent_path());
}

TEST(TlsFiles, AreRefusedWithTheirNameAndTheReason) {
  const auto one = SelfSignedCertificate::make("127.0.0.1");
  const auto other = SelfSignedCertificate::make("127.0.0.1");
  ASSERT_TRUE(one.has_value() && other.has_value());
  // The file holds the certificate, then the key.
  std::ifstream file(one->cert_path());
  const std::string both{std::istreambuf_iterator<char>(file), {}};
  const std::size_t key_begins = both.find("-----BEGIN PRIVATE KEY");
  ASSERT_NE(key_begins, std::string::npos);
  const std::string cert_alone = testing::TempDir() + "cert_alone.pem";
  const std::string key_alone = testing::TempDir() + "key_alone.pem";
  std::ofstream(cert_alone) << both.substr(0, key_begins);
  std::ofstream(key_alone) << both.substr(key_begins);
  const struct {
    std::string cert, key, reason;
  } cases[] = {
      {"/nonexistent.pem", one->key_path(), "/nonexistent.pem cannot be read: No such file"},
      {one->cert_path(), "/nonexistent.pem", "/nonexistent.pem cannot be read: No such file"},
      {key_alone, key_alone, "holds no PEM certificate"},
      {cert_alone, cert_alone, "holds no PEM private key"},
      {"/dev/null", one->key_path(), "holds no PEM certificate"},
      {"/", one->key_path(), "holds no PEM certificate"},
      {one->cert_path(), other->key_path(), "is not the key of the certificate"},
  };
  for (const auto& c : cases) {
    const auto checked = check_tls_files(c.cert, c.key);
    ASSERT_FALSE(checked.has_value()) << c.reason;
    EXPECT_THAT(checked.error().what, HasSubstr(c.reason));
  }
}

}  // namespace
}  // namespace framewire::relay
