#include "tools/render/devtools_reader.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cstring>

namespace framewire::cli {
namespace {

constexpr std::uint8_t kNone = 0xff;

constexpr std::array<std::uint8_t, 256> base64_values() {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::uint8_t, 256> out{};
  for (auto& value : out) value = kNone;
  for (std::size_t i = 0; i < kLetters.size(); ++i)
    out[static_cast<unsigned char>(kLetters[i])] = static_cast<std::uint8_t>(i);
  return out;
}
constexpr auto kValues = base64_values();

}  // namespace

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

std::optional<Buffer> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) {
    text.remove_suffix(1);
    ++padding;
  }
  Buffer out((text.size() * 3) / 4);
  std::size_t at = 0;
  const auto value = [&](std::size_t i) -> std::uint32_t {
    return kValues[static_cast<unsigned char>(text[i])];
  };
  std::uint32_t bad = 0;
  std::size_t i = 0;
  for (; i + 4 <= text.size(); i += 4) {
    const std::uint32_t a = value(i), b = value(i + 1), c = value(i + 2), d = value(i + 3);
    bad |= a | b | c | d;
    const std::uint32_t bits = a << 18 | b << 12 | c << 6 | d;
    out[at++] = static_cast<std::byte>(bits >> 16);
    out[at++] = static_cast<std::byte>(bits >> 8);
    out[at++] = static_cast<std::byte>(bits);
  }
  std::uint32_t bits = 0;
  const std::size_t rest = text.size() - i;
  for (std::size_t n = 0; n < rest; ++n) {
    bad |= value(i + n);
    bits |= value(i + n) << (18 - 6 * n);
  }
  if ((bad & 0xc0) != 0 || rest == 1) return std::nullopt;
  for (std::size_t n = 1; n < rest; ++n, bits <<= 8) out[at++] = static_cast<std::byte>(bits >> 16);
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
