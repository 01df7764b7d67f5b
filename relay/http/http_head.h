// Reads the head of an HTTP/1.x request, strictly: what two readers could take for two different
// requests is refused, so that no proxy in front and we can disagree where a request ends.
//
//   GET /live/cam?wait=5 HTTP/1.1 CRLF  Host: example.org CRLF  ... CRLF CRLF | what follows
//
// Sans-I/O: fed in any pieces. Lines end with CR LF, nothing is folded, a name stands right before
// its colon, Host and what frames the body come at most once, and HTTP/1.1 has a Host.
// Thread: any.  Source: RFC 9112, sections 2 to 6 and 11.2; RFC 9110, section 5.5; RFC 3986.
// Errors: Errc::protocol (400) or Errc::limit_exceeded (413), with the byte's offset in the head;
// after one nothing more can be read from this connection.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"
#include "relay/access/request.h"

namespace framewire::relay {

struct RequestHead {
  Request request;
  bool keep_alive = false;  // another request may follow on this connection
};

class HeadReader {
 public:
  explicit HeadReader(std::size_t most_bytes) : most_(most_bytes) {}

  // Takes from the front of `bytes`, at most up to the head's end. nullopt: more is needed. After a
  // head the next one begins.
  Result<std::optional<RequestHead>> feed(Bytes& bytes);
  // Something of a head is here.
  bool begun() const { return at_ > 0; }

 private:
  enum class State : std::uint8_t {
    begin,
    empty_line_lf,
    request_line,
    line_begin,
    line,
    line_lf,
    end_lf,
    done
  };
  Result<void> step(unsigned char byte);

  std::size_t most_;
  State state_ = State::begin;
  std::size_t at_ = 0;  // bytes taken of this head, with the empty line that may stand before it
  std::string kept_;    // what has come of one that comes in pieces
};

// One whole head, up to its empty line, whose bytes have passed HeadReader.
Result<RequestHead> parse_head(std::string_view head);

}  // namespace framewire::relay
