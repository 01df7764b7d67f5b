// What the messages of a load look like to the server: bytes of no known format, or JPEG pictures.
//
//   binary  | bench_payload.h | zeros up to size
//   jpeg    | FF D8 | FF FE 00 22 | bench_payload.h | SOF0 | SOS | coded data, FF 00 in it | FF D9
//
// A picture has a marker for each 256 bytes or so of its data, as one of a camera has, so that
// finding its end costs what it costs there. Its parts are ITU-T T.81, annex B; nobody decodes it.
// Thread: any.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace framewire::bench {

enum class Content : std::uint8_t { binary, jpeg };

// Bytes before the payload header.
constexpr std::size_t lead_of(Content content) {
  return content == Content::jpeg ? 6 : 0;
}
// The smallest message.
std::size_t least_of(Content content);

// message: zeros, at least least_of(content); its first lead_of() bytes and what is behind the
// payload header are written.
void fill(Content content, std::span<std::byte> message);

}  // namespace framewire::bench
