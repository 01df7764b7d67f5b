// A certificate made at start, for `--tls-self-signed`: cameras need a secure context, and a LAN
// has no certificate authority. EC P-256, 90 days, for localhost, 127.0.0.1, ::1 and the address
// listened on; a new one at each start. Browsers warn once; what they show can be compared with the
// fingerprint. Lifetime: the two files live as long as the object, in a directory only this user
// can enter. Thread: any.  Errors: internal, naming what failed.  Source: RFC 5280; CA/B
// Forum 7.1.2.7 for the extensions.
#pragma once
#include <filesystem>
#include <string>

#include "ingest/error.h"

namespace framewire::relay {

class SelfSignedCertificate {
 public:
  // `host`: an IP address in numbers.
  static Result<SelfSignedCertificate> make(const std::string& host);

  SelfSignedCertificate(SelfSignedCertificate&& other) noexcept;
  SelfSignedCertificate& operator=(SelfSignedCertificate&& other) noexcept;
  ~SelfSignedCertificate();

  std::string cert_path() const { return directory_ / "cert.pem"; }
  std::string key_path() const { return directory_ / "key.pem"; }
  // SHA-256 of the certificate as browsers show it: AA:BB:...
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  explicit SelfSignedCertificate(std::filesystem::path directory)
      : directory_(std::move(directory)) {}

  std::filesystem::path directory_;
  std::string fingerprint_;
};

}  // namespace framewire::relay
