// Certificates as a test wants them, made by OpenSSL's calls and held in memory, and files of them.
#pragma once
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "relay/tls/tls_files.h"

namespace framewire::relay {

struct MadeCertificate {
  Certificate certificate;
  PrivateKey key;
};

struct Wish {
  std::string cn = "somebody";
  std::string san{};  // as in openssl.cnf: "DNS:a,URI:b"
  bool authority = false;
  std::string usage{};  // "clientAuth" ...; "" = any
  long from_s = -3'600, to_s = 3'600;
};

inline void extend(X509& certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer ? issuer : &certificate, &certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  ASSERT_NE(extension, nullptr) << value;
  X509_add_ext(&certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// by: whose it is; null = its own.
inline MadeCertificate make_certificate(const Wish& wish, const MadeCertificate* by = nullptr) {
  static long serial = 1'000;
  MadeCertificate out{Certificate{X509_new()}, PrivateKey{EVP_EC_gen("P-256")}};
  X509& certificate = *out.certificate;
  X509_set_version(&certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(&certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(&certificate), wish.from_s);
  X509_gmtime_adj(X509_getm_notAfter(&certificate), wish.to_s);
  X509_set_pubkey(&certificate, out.key.get());
  X509_NAME* name = X509_get_subject_name(&certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wish.cn.data()),
                             static_cast<int>(wish.cn.size()), -1, 0);
  X509* const issuer = by ? by->certificate.get() : &certificate;
  X509_set_issuer_name(&certificate, X509_get_subject_name(issuer));
  extend(certificate, issuer, NID_basic_constraints,
         wish.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  extend(certificate, issuer, NID_subject_key_identifier, "hash");
  if (!wish.san.empty()) extend(certificate, issuer, NID_subject_alt_name, wish.san);
  if (!wish.usage.empty()) extend(certificate, issuer, NID_ext_key_usage, wish.usage);
  EXPECT_GT(X509_sign(&certificate, by ? by->key.get() : out.key.get(), EVP_sha256()), 0);
  return out;
}

// What `by` has revoked: `gone`.
inline std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> make_revocations(
    const MadeCertificate& by, const MadeCertificate& gone) {
  std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> out{X509_CRL_new(), X509_CRL_free};
  X509_CRL_set_version(out.get(), 1);
  X509_CRL_set_issuer_name(out.get(), X509_get_subject_name(by.certificate.get()));
  ASN1_TIME* time = ASN1_TIME_new();
  X509_CRL_set1_lastUpdate(out.get(), X509_gmtime_adj(time, -60));
  X509_CRL_set1_nextUpdate(out.get(), X509_gmtime_adj(time, 3'600));
  X509_REVOKED* row = X509_REVOKED_new();
  X509_REVOKED_set_serialNumber(row, X509_get_serialNumber(gone.certificate.get()));
  X509_REVOKED_set_revocationDate(row, X509_gmtime_adj(time, -60));
  X509_CRL_add0_revoked(out.get(), row);
  ASN1_TIME_free(time);
  EXPECT_GT(X509_CRL_sign(out.get(), by.key.get(), EVP_sha256()), 0);
  return out;
}

// A PEM file in the tests' folder. Its name has the test's.
class PemFile {
 public:
  explicit PemFile(const std::string& name)
      : path_(testing::TempDir() + "framewire-" +
              testing::UnitTest::GetInstance()->current_test_info()->name() + "-" + name),
        file_(std::fopen(path_.c_str(), "w"), std::fclose) {}
  PemFile& add(const MadeCertificate& one) {
    PEM_write_X509(file_.get(), one.certificate.get());
    return *this;
  }
  PemFile& add(X509_CRL& revoked) {
    PEM_write_X509_CRL(file_.get(), &revoked);
    return *this;
  }
  PemFile& add(const std::string& text) {
    std::fputs(text.c_str(), file_.get());
    return *this;
  }
  const std::string& path() {
    std::fflush(file_.get());
    return path_;
  }

 private:
  const std::string path_;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

}  // namespace framewire::relay
