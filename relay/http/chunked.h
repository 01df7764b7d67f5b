// Decodes a chunked HTTP body (RFC 9112, section 7.1).
//
//   1A\r\n <26 bytes> \r\n  5;name=value\r\n <5 bytes> \r\n  0\r\n trailer: x\r\n \r\n
//
// Sans-I/O: fed in any pieces. Extensions and trailers are skipped, within limits.
// Errors: Errc::protocol with the offset in the encoded body; after one only a new decoder helps.
#pragma once
#include <cstdint>
#include <functional>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"

namespace framewire::relay {

class ChunkedDecoder {
 public:
  // data: called for each run of payload, which it views in `bytes`. What follows the body is left
  // in `bytes`.
  Result<void> feed(Bytes& bytes, const std::function<void(Bytes)>& data);
  bool done() const { return state_ == State::done; }

 private:
  enum class State : std::uint8_t {
    size,
    size_blank,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer,
    trailer_lf,
    done
  };
  Result<void> step(std::uint8_t byte);
  Result<void> take_size_digit(std::uint8_t byte);
  Result<void> count_line_byte();

  State state_ = State::size;
  std::uint64_t left_ = 0;  // of the chunk's size, then of its data
  unsigned digits_ = 0;
  unsigned line_bytes_ = 0;  // of an extension or of all trailers
  bool line_empty_ = true;   // of the trailer line so far
  std::uint64_t offset_ = 0;
};

}  // namespace framewire::relay
