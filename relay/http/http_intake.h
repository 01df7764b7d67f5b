// What of HTTP has come on a connection: the head that is being read, then its body, decoded.
// Sans-I/O. Thread: its connection's loop.
#pragma once
#include <algorithm>
#include <functional>
#include <string>

#include "relay/http/chunked.h"
#include "relay/http/http_head.h"

namespace framewire::relay {

// What these count for where a ws frame counts 1 (half a microsecond): a loop does so much for one
// connection, and then for the others.
inline constexpr unsigned kSmallFrameWork = 2;  // of fewer bytes than kSmallFrame: thousands a read
inline constexpr std::size_t kSmallFrame = 128;
inline constexpr unsigned kRequestWork = 128;
inline constexpr unsigned kTextWork = 64;  // it is parsed, and answered
inline constexpr unsigned kAckWork = 16;   // a message that is acknowledged at once

class HttpIntake {
 public:
  explicit HttpIntake(std::size_t most_head_bytes) : head_(most_head_bytes) {}

  bool asked_head = false;      // by HEAD: no answer has a body
  std::string admitted_origin;  // whose pages may read what is refused; "" = no page asked

  HeadReader& head() { return head_; }
  // Of the request whose head has just been read.
  void begin_body(const Request& request) {
    chunked_ = request.chunked();
    decoder_ = {};
    left_ = request.content_length.value_or(0);
  }
  bool body_is_whole() const { return chunked_ ? decoder_.done() : left_ == 0; }
  // Takes from the front of `bytes`, at most up to the body's end. Errors: ChunkedDecoder's.
  Result<void> feed_body(Bytes& bytes, const std::function<void(Bytes)>& data) {
    if (chunked_) return feed_chunks(bytes, data);
    const auto run = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    const Bytes piece = bytes.first(run);
    bytes = bytes.subspan(run);
    left_ -= run;
    if (run > 0) data(piece);
    return {};
  }

 private:
  // Small ones that come together are given together: a piece costs more than its bytes.
  Result<void> feed_chunks(Bytes& bytes, const std::function<void(Bytes)>& data) {
    constexpr std::size_t kSmall = 4u << 10;
    Buffer joined;
    const auto give = [&] {
      if (!joined.empty()) data(joined);
      joined.clear();
    };
    const auto fed = decoder_.feed(bytes, [&](Bytes piece) {
      if (piece.size() < kSmall) return append(joined, piece);
      give();
      data(piece);
    });
    give();
    return fed;
  }

  HeadReader head_;
  ChunkedDecoder decoder_;
  bool chunked_ = false;
  std::uint64_t left_ = 0;
};

}  // namespace framewire::relay
