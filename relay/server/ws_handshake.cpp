#include "relay/server/ws_handshake.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

namespace framewire::relay {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t kSha1Bytes = 20;

std::string accept_of(std::string_view key) {
  const std::string text = fmt::format("{}{}", key, kGuid);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  std::array<unsigned char, 4 * ((kSha1Bytes + 2) / 3) + 1> base64{};
  const int size = EVP_EncodeBlock(base64.data(), digest.data(), kSha1Bytes);
  return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(size)};
}

}  // namespace

std::string upgrade_answer(std::string_view key, bool v1) {
  return fmt::format(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: {}\r\n{}\r\n",
      accept_of(key), v1 ? "Sec-WebSocket-Protocol: framewire.v1\r\n" : "");
}

}  // namespace framewire::relay
