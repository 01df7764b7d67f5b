#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "ingest/intake/wrappers.h"

namespace framewire {
namespace {

constexpr std::size_t kMostHeaders = 8u << 10;  // bytes before a part's body
constexpr std::size_t kLongestBoundary = 72;    // RFC 2046: 70, and the two dashes

bool holds(std::string_view text, std::string_view wanted) {
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(), same) != text.end();
}

//   CRLF? --boundary CRLF headers CRLF CRLF body | CRLF --boundary CRLF headers ... | --boundary--
class Multipart final : public Unwrapper {
 public:
  Result<void> feed(Bytes bytes, const Take& take) override {
    append(held_, bytes);
    std::size_t used = 0;
    auto done = walk(used, take);
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(used));
    offset_ += used;
    return done;
  }

  Result<void> finish(const Take& take) override {
    if (state_ == State::body && wanted_ && !held_.empty())
      if (auto taken = take(held_); !taken) return taken;
    if (state_ == State::over || state_ == State::body) return {};
    // A stream of pictures has no last delimiter: it ends behind the one of a part that never came.
    if (state_ == State::headers &&
        as_text(held_).find_first_not_of("\r\n") == std::string_view::npos)
      return {};
    return fail(Errc::malformed_media, "the stream ends inside the head of a multipart part",
                offset_);
  }

 private:
  enum class State : std::uint8_t { boundary, headers, body, over };

  Result<void> walk(std::size_t& used, const Take& take) {
    while (true) {
      const std::string_view text = as_text(Bytes{held_}.subspan(used));
      switch (state_) {
        case State::boundary: {
          const std::size_t start = text.find_first_not_of("\r\n");
          const std::size_t end = start == text.npos ? text.npos : text.find("\r\n", start);
          if (end == text.npos) return within_headers(text, used);
          delimiter_ = "\r\n" + std::string(text.substr(start, end - start));
          used += end;  // its CRLF ends the first header, which is empty
          state_ = State::headers;
          break;
        }
        case State::headers: {
          if (text.starts_with("--")) {
            state_ = State::over;
            break;
          }
          const std::size_t end = text.find("\r\n\r\n");
          if (end == text.npos) return within_headers(text, used);
          const std::string_view headers = text.substr(0, end);
          wanted_ = !holds(headers, "form-data") || holds(headers, "filename");
          used += end + 4;
          state_ = State::body;
          break;
        }
        case State::body: {
          const std::size_t end = text.find(delimiter_);
          const std::size_t body = end == text.npos ? text.size() - begun(text) : end;
          if (wanted_ && body > 0)
            if (auto taken = take(as_bytes(text.substr(0, body))); !taken) return taken;
          used += body;
          if (end == text.npos) return {};
          used += delimiter_.size();
          state_ = State::headers;
          break;
        }
        case State::over:
          used = held_.size();
          return {};
      }
    }
  }

  // Bytes at the end of text that may be a delimiter's first.
  std::size_t begun(std::string_view text) const {
    for (std::size_t n = std::min(text.size(), delimiter_.size() - 1); n > 0; --n)
      if (text.ends_with(std::string_view{delimiter_}.substr(0, n))) return n;
    return 0;
  }

  Result<void> within_headers(std::string_view text, std::size_t used) const {
    if (text.size() <= kMostHeaders) return {};
    return fail(Errc::limit_exceeded,
                fmt::format("the head of a multipart part is over {} bytes", kMostHeaders),
                offset_ + used);
  }

  State state_ = State::boundary;
  std::string delimiter_;  // with the CRLF before it
  bool wanted_ = false;    // the part's body
  Buffer held_;
  std::uint64_t offset_ = 0;
};

}  // namespace

std::unique_ptr<Unwrapper> make_multipart() {
  return std::make_unique<Multipart>();
}

// "--" boundary CRLF "Content-"
std::optional<Wrapping> sniff_wrapping(Bytes start) {
  constexpr std::string_view kGzip = "\x1f\x8b\x08";
  constexpr std::string_view kContent = "\r\ncontent-";
  const std::string_view text = as_text(start.first(std::min<std::size_t>(start.size(), 128)));
  if (text.empty()) return std::nullopt;
  if (kGzip.starts_with(text.substr(0, kGzip.size())))
    return text.size() < kGzip.size() ? std::nullopt : std::optional{Wrapping::gzip};
  const std::string_view line = text.substr(std::min(text.find_first_not_of("\r\n"), text.size()));
  if (!std::string_view{"--"}.starts_with(line.substr(0, 2))) return Wrapping::none;
  const std::size_t end = line.find('\r');
  if (end == line.npos)
    return line.size() > kLongestBoundary ? std::optional{Wrapping::none} : std::nullopt;
  const std::string_view after = line.substr(end, kContent.size());
  if (end < 3 || end > kLongestBoundary || !holds(after, kContent.substr(0, after.size())))
    return Wrapping::none;
  return after.size() < kContent.size() ? std::nullopt : std::optional{Wrapping::multipart};
}

std::unique_ptr<Unwrapper> make_unwrapper(Wrapping wrapping) {
  if (wrapping == Wrapping::gzip) return make_gunzip();
  return wrapping == Wrapping::multipart ? make_multipart() : nullptr;
}

}  // namespace framewire
