// A certificate made at start, for `--tls-self-signed`: cameras need a secure context, and a LAN
// has no certificate authority. EC P-256, 90 days, for localhost, 127.0.0.1, ::1 and the addresses
// and names it is asked for. Browsers warn once for each; what they show can be compared with the
// fingerprint. Lifetime: the file is kept, or lives as long as the object, in a directory that only
// this user can enter. Thread: any.  Errors: internal, naming what failed.  Source: RFC 5280; CA/B
// Forum 7.1.2.7 for the extensions.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "ingest/base/error.h"

namespace framewire::relay {

class SelfSignedCertificate {
 public:
  // `host`: an IP address in numbers. Its files are gone with the object.
  static Result<SelfSignedCertificate> make(const std::string& host);
  // The one that is kept in `directory`, if it names all of `hosts` (addresses in numbers, or
  // names) and lasts for a while; else a new one, kept there: browsers then ask about it only once.
  static Result<SelfSignedCertificate> kept_in(const std::filesystem::path& directory,
                                               const std::vector<std::string>& hosts);

  SelfSignedCertificate(SelfSignedCertificate&& other) noexcept;
  SelfSignedCertificate& operator=(SelfSignedCertificate&& other) noexcept;
  ~SelfSignedCertificate();

  // One file holds both, so that no reader ever sees halves of two.
  std::string cert_path() const { return file_; }
  std::string key_path() const { return file_; }
  // SHA-256 of the certificate as browsers show it: AA:BB:...
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  SelfSignedCertificate(std::filesystem::path file, std::filesystem::path temporary)
      : file_(std::move(file)), temporary_(std::move(temporary)) {}

  std::filesystem::path file_;
  std::filesystem::path temporary_;  // a folder that goes with the object
  std::string fingerprint_;
};

}  // namespace framewire::relay
