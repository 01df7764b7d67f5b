#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/base/try.h"
#include "ingest/intake/wrappers.h"

namespace framewire {
namespace {

constexpr std::size_t kMostHeaders = 8u << 10;  // bytes before a part's body
constexpr std::size_t kLongestBoundary = 72;    // RFC 2046: 70, and the two dashes

bool holds(std::string_view text, std::string_view wanted) {
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(), same) != text.end();
}

// Where the line ends; npos: its end has not come.
std::size_t line_end(std::string_view text, std::size_t from) {
  return text.find('\n', from);
}

// The number behind the header's name; nullopt: it is not there.
std::optional<std::uint64_t> content_length(std::string_view headers) {
  constexpr std::string_view kName = "content-length:";
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  const auto at = std::search(headers.begin(), headers.end(), kName.begin(), kName.end(), same);
  if (at == headers.end()) return std::nullopt;
  const std::string_view rest =
      headers.substr(static_cast<std::size_t>(at - headers.begin()) + kName.size());
  const std::size_t digits = std::min(rest.find_first_not_of(" \t"), rest.size());
  std::uint64_t value = 0;
  const auto read = std::from_chars(rest.data() + digits, rest.data() + rest.size(), value);
  return read.ec == std::errc{} ? std::optional{value} : std::nullopt;
}

//   EOL? --boundary EOL headers EOL EOL body | EOL --boundary EOL headers ... | --boundary--
//   EOL: CRLF, or LF alone (cameras). A Content-Length counts when a boundary follows there, then
//   also without an EOL before it.
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
    const bool body = state_ == State::body || state_ == State::sized;
    // The line end that stands before a boundary is no part of the body.
    const bool ends = as_text(held_).find_first_not_of("\r\n") == std::string_view::npos;
    if (body && wanted_ && !(ends && state_ == State::body)) RETURN_IF_ERROR(take(held_));
    if (state_ == State::over || body || state_ == State::behind) return {};
    // A stream of pictures has no last delimiter: it ends behind the one of a part that never came.
    if (state_ == State::headers &&
        as_text(held_).find_first_not_of("\r\n") == std::string_view::npos)
      return {};
    return fail(Errc::malformed_media, "the stream ends inside the head of a multipart part",
                offset_);
  }

 private:
  // sized: of a body whose length is told; behind: it ends here, if a boundary follows.
  enum class State : std::uint8_t { boundary, headers, sized, behind, body, over };

  Result<void> walk(std::size_t& used, const Take& take) {
    while (true) {
      const std::string_view text = as_text(Bytes{held_}.subspan(used));
      switch (state_) {
        case State::boundary: {
          const std::size_t start = text.find_first_not_of("\r\n");
          const std::size_t end = start == text.npos ? text.npos : line_end(text, start);
          if (end == text.npos) return within_headers(text, used);
          std::string_view line = text.substr(start, end - start);
          if (line.ends_with('\r')) line.remove_suffix(1);
          delimiter_ = "\n" + std::string(line);
          used += start + line.size();
          state_ = State::headers;
          break;
        }
        case State::headers: {
          if (text.starts_with("--")) {
            state_ = State::over;
            break;
          }
          const std::size_t end = end_of_headers(text);
          if (end == text.npos) return within_headers(text, used);
          const std::string_view headers = text.substr(0, end);
          wanted_ = !holds(headers, "form-data") || holds(headers, "filename");
          const auto length = content_length(headers);
          left_ = length.value_or(0);
          used += end;
          state_ = left_ > 0 ? State::sized : State::body;
          break;
        }
        case State::sized: {
          const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, text.size()));
          if (wanted_ && size > 0) RETURN_IF_ERROR(take(as_bytes(text.substr(0, size))));
          used += size;
          left_ -= size;
          if (left_ > 0) return {};
          state_ = State::behind;
          break;
        }
        case State::behind: {
          const std::string_view boundary = std::string_view{delimiter_}.substr(1);
          const std::size_t at = std::min(text.find_first_not_of("\r\n"), text.size());
          const std::string_view next = text.substr(at, boundary.size());
          if (next.size() < boundary.size() && boundary.starts_with(next) && at <= kMostEnds)
            return {};
          state_ = next == boundary ? State::headers : State::body;
          if (next == boundary) used += at + boundary.size();
          break;
        }
        case State::body: {
          const std::size_t found = text.find(delimiter_);
          const bool whole = found != text.npos;
          const std::size_t end = whole ? found : text.size() - begun(text);
          const bool returned = end > 0 && text[end - 1] == '\r' && end < text.size();
          const std::size_t body = returned ? end - 1 : end;
          if (wanted_ && body > 0) RETURN_IF_ERROR(take(as_bytes(text.substr(0, body))));
          if (!whole) {
            used += body;
            return {};
          }
          used += end + delimiter_.size();
          state_ = State::headers;
          break;
        }
        case State::over:
          used = held_.size();
          return {};
      }
    }
  }

  // Behind the empty line; npos: it has not come.
  static std::size_t end_of_headers(std::string_view text) {
    for (std::size_t end = line_end(text, 0); end != text.npos; end = line_end(text, end + 1)) {
      const std::string_view next = text.substr(end + 1, 2);
      if (next.starts_with('\n')) return end + 2;
      if (next == "\r\n") return end + 3;
    }
    return text.npos;
  }

  // Bytes at the end of text that may be a delimiter's first, or the CR before it.
  std::size_t begun(std::string_view text) const {
    if (text.ends_with('\r')) return 1;
    for (std::size_t n = std::min(text.size(), delimiter_.size() - 1); n > 0; --n)
      if (text.ends_with(std::string_view{delimiter_}.substr(0, n)))
        return n + (n < text.size() && text[text.size() - n - 1] == '\r' ? 1 : 0);
    return 0;
  }

  Result<void> within_headers(std::string_view text, std::size_t used) const {
    if (text.size() <= kMostHeaders) return {};
    return fail(Errc::limit_exceeded,
                fmt::format("the head of a multipart part is over {} bytes", kMostHeaders),
                offset_ + used);
  }

  static constexpr std::size_t kMostEnds = 8;  // bytes of line ends before a boundary

  State state_ = State::boundary;
  std::string delimiter_;  // with the LF before it
  bool wanted_ = false;    // the part's body
  std::uint64_t left_ = 0;
  Buffer held_;
  std::uint64_t offset_ = 0;
};

}  // namespace

std::unique_ptr<Unwrapper> make_multipart() {
  return std::make_unique<Multipart>();
}

// "--" boundary EOL, then a header: its name and a colon
std::optional<Wrapping> sniff_wrapping(Bytes start) {
  constexpr std::string_view kGzip = "\x1f\x8b\x08";
  constexpr std::size_t kLookedAt = 128;
  const std::string_view text = as_text(start.first(std::min(start.size(), kLookedAt)));
  if (text.empty()) return std::nullopt;
  if (kGzip.starts_with(text.substr(0, kGzip.size())))
    return text.size() < kGzip.size() ? std::nullopt : std::optional{Wrapping::gzip};
  const std::string_view line = text.substr(std::min(text.find_first_not_of("\r\n"), text.size()));
  if (!std::string_view{"--"}.starts_with(line.substr(0, 2))) return Wrapping::none;
  const std::size_t end = line_end(line, 0);
  if (end == line.npos)
    return line.size() > kLongestBoundary + 1 ? std::optional{Wrapping::none} : std::nullopt;
  if (end < 3 || end > kLongestBoundary + 1) return Wrapping::none;
  const std::string_view header = line.substr(end + 1);
  const auto is_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-';
  };
  const auto name = std::find_if_not(header.begin(), header.end(), is_name);
  if (name == header.end())
    return text.size() < kLookedAt ? std::nullopt : std::optional{Wrapping::none};
  return *name == ':' && name != header.begin() ? Wrapping::multipart : Wrapping::none;
}

std::unique_ptr<Unwrapper> make_unwrapper(Wrapping wrapping) {
  if (wrapping == Wrapping::gzip) return make_gunzip();
  return wrapping == Wrapping::multipart ? make_multipart() : nullptr;
}

}  // namespace framewire
