// Checksums of a piece of a file. Blocks. Thread: any but a loop's.
// Source: FIPS 180-4 (SHA-256), RFC 1321 (MD5: S3's Content-MD5 and ETag, no protection).
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace framewire::relay {

struct UploadHashes {
  std::string sha256_hex, sha256_base64;
  std::string md5_hex, md5_base64;  // "" = OpenSSL gives no MD5 (FIPS mode)
};

// nullopt: the file is shorter, or cannot be read; or `stop` wants it so.
std::optional<UploadHashes> hashes_of(int file, std::uint64_t from, std::uint64_t bytes,
                                      const std::function<bool()>& stop);
UploadHashes hashes_of(std::string_view text);

}  // namespace framewire::relay
