#include "relay/fetch/upload_hash.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace framewire::relay {
namespace {

constexpr std::size_t kReadBytes = 1u << 20;

class UploadDigest {
 public:
  explicit UploadDigest(const EVP_MD* kind) {
    good_ = context_ && kind && EVP_DigestInit_ex(context_.get(), kind, nullptr) == 1;
  }
  void add(const void* data, std::size_t size) {
    good_ = good_ && EVP_DigestUpdate(context_.get(), data, size) == 1;
  }
  void end(std::string& hex, std::string& base64) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    if (!good_ || EVP_DigestFinal_ex(context_.get(), out.data(), &size) != 1) return;
    for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", out[i]);
    std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> text{};
    const int length = EVP_EncodeBlock(text.data(), out.data(), static_cast<int>(size));
    base64.assign(reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(length));
  }

 private:
  struct Freed {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Freed> context_{EVP_MD_CTX_new()};
  bool good_ = false;
};

UploadHashes both(UploadDigest& sha, UploadDigest& md5) {
  UploadHashes out;
  sha.end(out.sha256_hex, out.sha256_base64);
  md5.end(out.md5_hex, out.md5_base64);
  return out;
}

}  // namespace

std::optional<UploadHashes> hashes_of(int file, std::uint64_t from, std::uint64_t bytes,
                                      const std::function<bool()>& stop) {
  UploadDigest sha{EVP_sha256()}, md5{EVP_md5()};
  std::vector<char> buffer(static_cast<std::size_t>(std::min<std::uint64_t>(kReadBytes, bytes)));
  for (std::uint64_t done = 0; done < bytes;) {
    if (stop && stop()) return std::nullopt;
    const auto want =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), bytes - done));
    const ssize_t got = ::pread(file, buffer.data(), want, static_cast<off_t>(from + done));
    if (got <= 0) return std::nullopt;
    sha.add(buffer.data(), static_cast<std::size_t>(got));
    md5.add(buffer.data(), static_cast<std::size_t>(got));
    done += static_cast<std::uint64_t>(got);
  }
  UploadHashes out = both(sha, md5);
  if (out.sha256_hex.empty()) return std::nullopt;
  return out;
}

UploadHashes hashes_of(std::string_view text) {
  UploadDigest sha{EVP_sha256()}, md5{EVP_md5()};
  sha.add(text.data(), text.size());
  md5.add(text.data(), text.size());
  return both(sha, md5);
}

}  // namespace framewire::relay
