#include "tools/render/film_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "ingest/base/try.h"
#include "tools/base/new_file.h"

namespace framewire::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kHashBytes = 8;
constexpr int kWidestNumber = 12;

tl::unexpected<RenderFailure> disk_failure(const std::string& path, int error) {
  return no_film(fmt::format("{}: {}", path, file_words(error)), kExitDisk);
}

}  // namespace

std::optional<std::string> numbered(const std::string& pattern, std::uint64_t number) {
  const std::size_t at = pattern.find('%');
  if (at == std::string::npos) return std::nullopt;
  std::size_t end = at + 1;
  int width = 0;
  for (; end < pattern.size() && pattern[end] >= '0' && pattern[end] <= '9'; ++end) {
    width = width * 10 + (pattern[end] - '0');
    if (width > kWidestNumber) return std::nullopt;
  }
  if (end >= pattern.size() || pattern[end] != 'd') return std::nullopt;
  if (pattern.find('%', end) != std::string::npos) return std::nullopt;
  return fmt::format("{}{:0{}}{}", pattern.substr(0, at), number, width, pattern.substr(end + 1));
}

Rendered<std::unique_ptr<FilmWriter>> FilmWriter::open(const FilmTarget& target) {
  std::unique_ptr<FilmWriter> out{new FilmWriter(target)};
  const bool pictures = target.film.container.empty();
  const std::string first = pictures ? numbered(target.out, 0).value_or("") : target.out;
  std::error_code error;
  if (!target.force && std::filesystem::exists(first, error))
    return no_film(first + " is there already; --force writes over it", kExitDisk);
  if (pictures) {
    const auto folder = std::filesystem::path{target.out}.parent_path();
    if (!folder.empty() && !std::filesystem::create_directories(folder, error) && error)
      return no_film(fmt::format("{}: {}", folder.string(), error.message()), kExitDisk);
  } else {
    out->fresh_ = target.out + ".new";
    out->file_ = open_fresh(out->fresh_);
    if (!out->file_) {
      const int why = errno;
      const std::string path = std::exchange(out->fresh_, "");
      return disk_failure(path, why);
    }
  }
  if (!target.audio.empty()) {
    // O_NONBLOCK: nobody may be at the other end of a pipe.
    out->sound_.reset(::open(target.audio.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!out->sound_)
      return no_film(fmt::format("--audio: {}: {}", target.audio, std::strerror(errno)),
                     kExitNotFound);
    if (!std::filesystem::is_regular_file(target.audio, error))
      return no_film(fmt::format("--audio: {} is no file that can be read twice", target.audio),
                     kExitNotFound);
  }
  if (!target.hashes.empty()) {
    out->hashes_ = std::fopen(target.hashes.c_str(), "we");
    if (!out->hashes_) return disk_failure(target.hashes, errno);
  }
  if (!pictures || out->hashes_) RETURN_IF_ERROR(out->start_child());
  return out;
}

FilmWriter::~FilmWriter() {
  if (hashes_) std::fclose(hashes_);
  if (!fresh_.empty()) ::unlink(fresh_.c_str());
}

Rendered<void> FilmWriter::start_child() {
#ifndef FRAMEWIRE_WITH_FFMPEG
  return no_film("this framewire was built without FFmpeg: it makes .png only, without --hashes");
#else
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0)
    return no_film(std::strerror(errno));
  socket_.reset(pair[0]);
  const UniqueFd theirs{pair[1]};
  UniqueFd none;
  if (!file_) none.reset(::open("/dev/null", O_RDWR | O_CLOEXEC));
  std::vector<int> descriptors{theirs.get(), file_ ? file_.get() : none.get()};
  if (sound_) descriptors.push_back(sound_.get());
  auto child = codec::ChildProcess::start(
      {"render-film", {codec::to_json(target_.film)}, std::move(descriptors)});
  if (!child) return no_film(child.error().what);
  child_ = *std::move(child);
  return {};
#endif
}

// Its exit says why.
tl::unexpected<RenderFailure> FilmWriter::child_failed() {
  ::shutdown(socket_.get(), SHUT_RDWR);
  return failure_of(child_->wait());
}

tl::unexpected<RenderFailure> FilmWriter::failure_of(const codec::ChildEnd& end) const {
  const json answer = json::parse(end.answer, nullptr, false);
  if (!answer.is_object()) return no_film("the encoder " + end.describe());
  const std::string what = answer.value("what", end.describe());
  if (answer.contains("errno")) return no_film(fmt::format("{}: {}", target_.out, what), kExitDisk);
  if (answer.value("sound", false))
    return no_film(fmt::format("--audio: {}: {}", target_.audio, what));
  return no_film(what);
}

Rendered<void> FilmWriter::send(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return child_failed();
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

// At least so many are read; those that are there in any case.
Rendered<void> FilmWriter::read_hashes(std::uint64_t until) {
  while (true) {
    std::array<std::byte, 64 * kHashBytes> bytes;
    const int flags = hashed_ < until ? 0 : MSG_DONTWAIT;
    const ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), flags);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return {};
    if (got <= 0) return hashed_ < until ? Rendered<void>{child_failed()} : Rendered<void>{};
    append(half_hash_, Bytes{bytes}.first(static_cast<std::size_t>(got)));
    std::size_t at = 0;
    for (; at + kHashBytes <= half_hash_.size(); at += kHashBytes, ++hashed_)
      if (hashes_) fmt::print(hashes_, "{:016x}\n", load_be<std::uint64_t>(half_hash_, at));
    half_hash_.erase(half_hash_.begin(), half_hash_.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

Rendered<void> FilmWriter::write_file(const FilmPicture& picture) {
  const std::string path = numbered(target_.out, added_).value_or(target_.out);
  const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (target_.force ? O_TRUNC : O_EXCL);
  const UniqueFd file{::open(path.c_str(), flags, 0644)};
  if (!file) return disk_failure(path, errno);
  const auto failed = [&](int error) {
    ::unlink(path.c_str());  // no picture
    return disk_failure(path, error);
  };
  for (Bytes bytes = picture.picture(); !bytes.empty();) {
    const ssize_t put = ::write(file.get(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed(errno);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  bytes_ += picture.picture().size();
  return {};
}

Rendered<void> FilmWriter::add(const FilmPicture& picture) {
  if (target_.film.container.empty()) RETURN_IF_ERROR(write_file(picture));
  ++added_;
  if (!has_child()) return {};
  const auto head = codec::to_bytes(
      codec::PictureHead{static_cast<std::uint32_t>(picture.picture().size()), picture.kind});
  RETURN_IF_ERROR(send(head));
  RETURN_IF_ERROR(send(picture.picture()));
  return read_hashes(0);
}

Rendered<std::uint64_t> FilmWriter::finish() {
  if (has_child()) {
    RETURN_IF_ERROR(send(codec::to_bytes(codec::PictureHead{})));
    RETURN_IF_ERROR(read_hashes(added_));
    const codec::ChildEnd end = child_->wait();
    if (!end.good()) return failure_of(end);
  }
  if (hashes_ && std::fclose(std::exchange(hashes_, nullptr)) != 0)
    return disk_failure(target_.hashes, errno);
  if (fresh_.empty()) return bytes_;
  struct stat facts {};
  if (::fsync(file_.get()) != 0 || ::fstat(file_.get(), &facts) != 0 ||
      !put_in_place(fresh_, target_.out, target_.force))
    return disk_failure(target_.out, errno);
  fresh_.clear();
  return static_cast<std::uint64_t>(facts.st_size);
}

}  // namespace framewire::cli
