#include "tools/render/devtools_reader.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <limits>

namespace framewire::cli {
Result<void> DevtoolsReader::feed(Bytes bytes) {
  while (!bytes.empty()) {
    const std::string_view text = as_text(bytes);
    const std::size_t end = text.find('\0');
    const std::string_view piece = text.substr(0, end);
    if (begun_.size() + piece.size() > most_bytes_)
      return fail(Errc::limit_exceeded,
                  fmt::format("a message of the browser of more than {} bytes", most_bytes_));
    begun_ += piece;
    if (end == std::string_view::npos) return {};
    messages_.push_back(std::move(begun_));
    begun_.clear();
    bytes = bytes.subspan(end + 1);
  }
  return {};
}

std::optional<std::string> DevtoolsReader::next() {
  if (messages_.empty()) return std::nullopt;
  std::string out = std::move(messages_.front());
  messages_.pop_front();
  return out;
}

std::optional<std::string_view> plain_member(std::string_view message, std::string_view key) {
  const std::string name = fmt::format("\"{}\":\"", key);
  const std::size_t at = message.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t begin = at + name.size();
  const std::size_t end = message.find('"', begin);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view text = message.substr(begin, end - begin);
  if (text.find('\\') != std::string_view::npos) return std::nullopt;
  return text;
}

// OpenSSL leaves out blanks at both ends, which then are bytes too few, and takes = for a letter.
std::optional<Buffer> base64_decode(std::string_view text) {
  constexpr std::size_t kMost = std::numeric_limits<int>::max();
  if (text.size() % 4 != 0 || text.size() > kMost) return std::nullopt;
  const std::size_t letters = text.find_last_not_of('=') + 1;
  const std::size_t padding = text.size() - letters;
  if (padding > 2 || text.substr(0, letters).find('=') != std::string_view::npos)
    return std::nullopt;
  Buffer out(text.size() / 4 * 3);
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0 || static_cast<std::size_t>(size) != out.size()) return std::nullopt;
  out.resize(out.size() - padding);
  return out;
}

std::string base64_encode(Bytes bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // OpenSSL ends it by a NUL
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

}  // namespace framewire::cli
