#include "tools/media/media_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "ingest/intake/make_cutter.h"
#include "ingest/intake/sniff.h"

namespace framewire::cli {
namespace {

constexpr std::size_t kReadBytes = 64u << 10;
constexpr std::size_t kSniffBytes = 1024;
constexpr const char* kUnknown = "no format that is known here";

// Whether a read gives something, or the end, at once.
bool is_readable(int fd) {
  pollfd asked{fd, POLLIN, 0};
  return ::poll(&asked, 1, 0) != 0;
}

std::string_view box_at(int fd, std::uint64_t at, std::array<std::byte, 16>& head) {
  if (pread(fd, head.data(), head.size(), static_cast<off_t>(at)) !=
      static_cast<ssize_t>(head.size()))
    return "";
  return as_text(Bytes{head}.subspan(4, 4));
}

}  // namespace

// ISO/IEC 14496-12, 4.2: size(4) type(4) [size(8)]. An MP4 that can be sent as it comes has a moof
// before its first mdat.
bool is_fragmented(int fd) {
  std::array<std::byte, 16> head{};
  for (std::uint64_t at = 0;;) {
    const std::string_view type = box_at(fd, at, head);
    if (type == "moof") return true;
    if (type.empty() || type == "mdat") return false;
    std::uint64_t size = load_be<std::uint32_t>(head);
    if (size == 1) size = load_be<std::uint64_t>(head, 8);
    if (size < 8) return false;
    at += size;
  }
}

tl::unexpected<Error> file_error(const std::string& path, int error) {
  return fail(Errc::internal, fmt::format("{}: {}", path, std::strerror(error)));
}

Result<Format> format_of_file(int fd) {
  std::array<std::byte, kSniffBytes> start{};
  const ssize_t got = pread(fd, start.data(), start.size(), 0);
  if (got < 0) return fail(Errc::internal, std::strerror(errno));
  if (got == 0) return fail(Errc::unsupported_format, "the file is empty");
  return sniff(Bytes{start}.first(static_cast<std::size_t>(got)), true).value_or(Format::binary);
}

Result<std::unique_ptr<MediaSource>> MediaSource::open(const std::string& path, double fps) {
  std::unique_ptr<MediaSource> source{new MediaSource(fps)};
  if (path == "-") {
    source->fd_.reset(dup(STDIN_FILENO));
    if (!source->fd_) return file_error("stdin", errno);
    return source;
  }
  source->fd_.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!source->fd_) return file_error(path, errno);
  const auto format = format_of_file(source->fd_.get());
  if (!format) return fail(format.error().code, fmt::format("{}: {}", path, format.error().what));
  struct stat facts {};
  if (::fstat(source->fd_.get(), &facts) == 0 && S_ISREG(facts.st_mode))
    source->size_ = static_cast<std::uint64_t>(facts.st_size);
  if (*format == Format::mp4 && !is_fragmented(source->fd_.get()))
    if (auto rewritten = source->rewrite(); !rewritten)
      return tl::make_unexpected(rewritten.error());
  return source;
}

Result<void> MediaSource::rewrite() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return file_error("pipe", errno);
  UniqueFd out{ends[0]};
  const UniqueFd in{ends[1]};
  auto child = codec::ChildProcess::start({"live", {"mp4"}, {fd_.get(), in.get()}});
  if (!child) return tl::make_unexpected(child.error());
  child_.emplace(*std::move(child));
  fd_ = std::move(out);
  return {};
}

Result<bool> MediaSource::fill() {
  while (parts_.empty() && !ended_) {
    if (!is_readable(fd_.get())) return false;
    std::array<std::byte, kReadBytes> buffer;
    const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return false;
    if (got < 0) return file_error("reading", errno);
    read_ += static_cast<std::uint64_t>(got);
    const auto done =
        got == 0 ? finish() : take(Bytes{buffer}.first(static_cast<std::size_t>(got)));
    if (!done) return tl::make_unexpected(done.error());
  }
  return !parts_.empty();
}

std::optional<double> MediaSource::read_share() const {
  if (size_ == 0) return std::nullopt;
  return std::min(1.0, static_cast<double>(read_) / static_cast<double>(size_));
}

Result<void> MediaSource::take(Bytes bytes) {
  if (cutter_) return cutter_->feed(bytes);
  append(start_, bytes);
  const auto format = sniff(start_, start_.size() >= kSniffBytes);
  if (!format) return {};
  if (*format == Format::binary) return fail(Errc::unsupported_format, kUnknown);
  auto cutter = make_cutter(*format, options_, *this);
  if (!cutter) return tl::make_unexpected(cutter.error());
  cutter_ = *std::move(cutter);
  return cutter_->feed(std::exchange(start_, {}));
}

// What is unfinished at the end of a file is left out, as a player would.
Result<void> MediaSource::finish() {
  ended_ = true;
  if (!child_) {
    if (cutter_) (void)cutter_->finish();
    if (!cutter_) return fail(Errc::unsupported_format, kUnknown);
    return {};
  }
  const codec::ChildEnd end = child_->wait();
  child_.reset();
  if (!end.good()) return fail(Errc::malformed_media, end.describe());
  return {};
}

void MediaSource::on_part(Rendition rendition, const CutPart& part) {
  if (rendition != Rendition::origin || part.joiners_only) return;
  parts_.push_back(
      {part.init, part.group_start, part.pts_us, Buffer{part.payload.begin(), part.payload.end()}});
}

}  // namespace framewire::cli
