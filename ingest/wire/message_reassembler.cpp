#include "ingest/wire/message_reassembler.h"

#include <fmt/format.h>

#include <utility>

#include "ingest/base/utf8.h"

namespace framewire {
namespace {

// A message of megabytes must not keep its memory for the small ones that follow.
constexpr std::size_t kKeptCapacity = 1u << 20;

void clear(Buffer& buffer) {
  if (buffer.capacity() > kKeptCapacity)
    buffer = Buffer{};
  else
    buffer.clear();
}

}  // namespace

//   ws frames   | FIN=0 binary | FIN=0 continuation | FIN=1 continuation |
//   pieces      | first  |     | first_of_frame |   | first_of_frame | last_of_message |
//   feed()        nullopt nullopt nullopt   nullopt   nullopt          the message
Result<std::optional<Message>> MessageReassembler::feed(const FragmentPiece& piece) {
  if (error_) return tl::make_unexpected(*error_);
  auto fits = start_or_continue(piece).and_then([&] { return check_limits(piece); });
  if (!fits) {
    clear(held_);
    in_message_ = false;
    error_ = fits.error();
    return tl::make_unexpected(*error_);
  }
  if (!piece.last_of_message) {
    append(held_, piece.bytes);
    return std::nullopt;
  }
  in_message_ = false;
  Bytes whole = piece.bytes;  // all in one piece: nothing to join
  if (!held_.empty()) {
    append(held_, piece.bytes);
    done_ = true;
    whole = held_;
  }
  if (text_ && !is_utf8(whole)) {
    error_ = Error{Errc::bad_text, "a text message that is no UTF-8"};
    return tl::make_unexpected(*error_);
  }
  return Message{whole, text_};
}

Result<void> MessageReassembler::start_or_continue(const FragmentPiece& piece) {
  if (done_) clear(held_);
  done_ = false;
  if (piece.first_of_message) {
    if (in_message_) return fail(Errc::protocol, "a message starts inside another");
    in_message_ = true;
    text_ = piece.text;
    fragments_ = 1;
  } else {
    if (!in_message_) return fail(Errc::protocol, "a continuation without a message before it");
    if (piece.first_of_frame) ++fragments_;
  }
  return {};
}

Result<void> MessageReassembler::check_limits(const FragmentPiece& piece) const {
  if (fragments_ > limits_.message_fragments)
    return fail(Errc::limit_exceeded,
                fmt::format("a message of more than {} ws frames", limits_.message_fragments));
  const std::size_t limit = text_ ? limits_.text_bytes : limits_.message_bytes;
  const std::size_t room = limit - held_.size();
  if (piece.bytes.size() > room || piece.to_come > room - piece.bytes.size())
    return fail(Errc::limit_exceeded,
                text_ ? fmt::format("a text message of more than {} bytes: media goes as binary "
                                    "(toBlob() of a canvas, not toDataURL())",
                                    limit)
                      : fmt::format("a binary message of more than {} bytes", limit));
  return {};
}

void MessageReassembler::release() {
  if (std::exchange(done_, false)) clear(held_);
}

void MessageReassembler::reset() {
  error_.reset();
  clear(held_);
  fragments_ = 0;
  in_message_ = text_ = done_ = false;
}

}  // namespace framewire
