#include "frames.h"

#include <cstring>
#include <utility>

namespace framewire::limit {
namespace {

constexpr unsigned kBinary = 2;
constexpr unsigned kClose = 8;
constexpr std::size_t kMessageMost = 16u << 20;

struct ClientHeader {
  unsigned opcode = 0;
  std::size_t size = 0;  // of the header with its key; 0 = more bytes are needed
  std::size_t payload = 0;
  bool wrong = false;
};

ClientHeader read_header(std::span<const std::byte> in) {
  ClientHeader header;
  if (in.size() < 2) return header;
  const auto byte = [&](std::size_t at) { return std::to_integer<std::size_t>(in[at]); };
  const std::size_t length = byte(1) & 127;
  const std::size_t extra = length == 126 ? 2 : length == 127 ? 8 : 0;
  header.opcode = static_cast<unsigned>(byte(0) & 15);
  header.wrong = (byte(0) & 0xf0) != 0x80 || (byte(1) & 128) == 0;
  if (header.wrong || in.size() < 2 + extra + 4) return header;
  header.payload = extra == 0 ? length : 0;
  for (std::size_t i = 0; i < extra; ++i) header.payload = (header.payload << 8) | byte(2 + i);
  header.wrong = header.payload > kMessageMost;
  header.size = 2 + extra + 4;
  return header;
}

std::size_t write_header(std::byte* to, std::size_t payload) {
  to[0] = std::byte{0x80 | kBinary};
  const std::size_t extra = payload < 126 ? 0 : payload < 65536 ? 2 : 8;
  to[1] =
      extra == 0 ? static_cast<std::byte>(payload) : static_cast<std::byte>(extra == 2 ? 126 : 127);
  for (std::size_t i = 0; i < extra; ++i)
    to[2 + i] = static_cast<std::byte>(payload >> (8 * (extra - 1 - i)));
  return 2 + extra;
}

constexpr std::size_t server_header_size(std::size_t payload) {
  return payload < 126 ? 2 : payload < 65536 ? 4 : 10;
}

// Eight bytes at a time; to <= from, they may overlap.
void unmask(std::byte* to, const std::byte* from, std::size_t size, const std::byte* key) {
  std::byte four[4];
  std::memcpy(four, key, 4);
  std::uint32_t word = 0;
  std::memcpy(&word, four, 4);
  const std::uint64_t twice = std::uint64_t{word} << 32 | word;
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, from + i, 8);
    eight ^= twice;
    std::memcpy(to + i, &eight, 8);
  }
  for (; i < size; ++i) to[i] = from[i] ^ four[i & 3];
}

}  // namespace

void reframe(std::span<std::byte> received, Batch& batch) {
  batch = {{}, std::move(batch.payloads), 0, 0, false};
  batch.payloads.clear();
  std::byte* begin = nullptr;
  std::byte* out = nullptr;
  for (;;) {
    const auto in = received.subspan(batch.used);
    const ClientHeader header = read_header(in);
    if (header.wrong || (header.size != 0 && header.opcode == kClose)) {
      batch.ended = true;
      break;
    }
    if (header.size == 0) break;
    const std::size_t whole = header.size + header.payload;
    if (in.size() < whole) {
      batch.wanted = whole;
      break;
    }
    batch.used += whole;
    if (header.opcode != kBinary) continue;
    std::byte* const payload = in.data() + header.size;
    std::byte key[4];
    std::memcpy(key, payload - 4, 4);
    if (out == nullptr) begin = out = payload - server_header_size(header.payload);
    std::byte* const to = out + write_header(out, header.payload);
    unmask(to, payload, header.payload, key);
    batch.payloads.emplace_back(to, header.payload);
    out = to + header.payload;
  }
  if (out != nullptr) batch.frames = {begin, static_cast<std::size_t>(out - begin)};
}

}  // namespace framewire::limit
