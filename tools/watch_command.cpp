// framewire watch: what a stream sends, into a file or stdout. framewire record: the same into a
// file that is then made seekable; each init segment begins a file of its own.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <thread>

#include "ingest/cutter.h"
#include "ingest/sniff.h"
#include "tools/film_commands.h"
#include "tools/media_options.h"
#include "tools/media_source.h"
#include "tools/progress_line.h"

namespace framewire::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kRetryEvery{500};

// Writes until all is written: 0, or an errno.
int write_all(int fd, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR && !Interrupt::asked()) continue;
    if (put < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return 0;
}

std::string with_wait(std::string url, std::chrono::seconds wait) {
  if (wait.count() == 0) return url;
  return fmt::format("{}{}wait={}", url, url.find('?') == std::string::npos ? '?' : '&',
                     wait.count());
}

// Downloads until the stream ends, `time` is over, a signal comes, or take() has enough. A
// connection that was lost after something came is made anew. nullopt: it went well.
std::optional<std::string> follow(const std::string& url, const Remote& from, milliseconds time,
                                  ProgressLine& line, const std::function<bool(Bytes)>& take) {
  const Interrupt interrupt;
  std::optional<Clock::time_point> began;
  Clock::time_point since = Clock::now();
  while (true) {
    bool over = false;
    const TransferEnd end = download(url, from.access, [&](Bytes bytes) {
      const auto now = since = Clock::now();
      if (!began) began = now;
      line.add(bytes.size());
      line.show(std::chrono::duration_cast<std::chrono::microseconds>(now - *began));
      over = !take(bytes) || (time.count() > 0 && now - *began >= time);
      return !over;
    });
    if (over || end.interrupted || Interrupt::asked()) return std::nullopt;
    if (end.error.empty()) return std::nullopt;
    if (!end.lost || !began || Clock::now() - since >= from.retry) return end.error;
    line.say(fmt::format("{}; trying again", end.error));
    std::this_thread::sleep_for(kRetryEvery);
  }
}

int fail_with(const std::string& why) {
  fmt::print(stderr, "framewire: {}\n", why);
  return 1;
}

// out.mp4, out-2.mp4, ...; each from an init segment on.
class FilmFiles final : private PartSink {
 public:
  explicit FilmFiles(std::string path) : path_(std::move(path)) {}

  // False: error() says why.
  bool take(Bytes bytes) {
    if (!cutter_) {
      append(start_, bytes);
      const auto format = sniff(start_, start_.size() >= kSniffBytes);
      if (!format) return true;
      format_ = *format;
      auto cutter = make_cutter(*format, {}, *this);
      if (!cutter) return failed(cutter.error().what);
      cutter_ = *std::move(cutter);
      return feed(std::exchange(start_, {}));
    }
    return feed(bytes);
  }

  // All that was written becomes seekable files. False: error() says why.
  bool finish(ProgressLine& line) {
    if (cutter_) (void)cutter_->finish();
    close();
    if (files_ == 0 && error_.empty()) return failed("nothing came");
    for (unsigned n = 1; n <= files_; ++n) {
      const std::string film = name(n);
      const std::string part = film + ".part";
      const auto facts = remux_file(part, format_, film);
      if (!facts) return failed(fmt::format("{} stays as it came: {}", part, facts.error().what));
      std::filesystem::remove(part);
      line.say(fmt::format("{}: {:.1f} s, {} bytes", film, facts->seconds, facts->bytes));
    }
    return error_.empty();
  }
  const std::string& error() const { return error_; }

 private:
  static constexpr std::size_t kSniffBytes = 1024;

  bool feed(Bytes bytes) {
    const auto fed = cutter_->feed(bytes);
    return fed ? error_.empty() : failed(fed.error().what);
  }
  bool failed(std::string why) {
    if (error_.empty()) error_ = std::move(why);
    return false;
  }
  std::string name(unsigned number) const {
    if (number == 1) return path_;
    const std::filesystem::path path{path_};
    const std::string numbered =
        fmt::format("{}-{}{}", path.stem().string(), number, path.extension().string());
    return (path.parent_path() / numbered).string();
  }

  void on_epoch(const EpochInfo&) override {
    close();
    const std::string part = name(++files_) + ".part";
    file_.reset(::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file_) failed(fmt::format("{}: {}", part, std::strerror(errno)));
  }
  void on_part(Rendition rendition, const CutPart& part) override {
    if (rendition != Rendition::origin || part.joiners_only || !file_) return;
    if (const int error = write_all(file_.get(), part.payload); error != 0)
      failed(fmt::format("{}: {}", name(files_), std::strerror(error)));
  }
  void close() { file_.reset(); }

  const std::string path_;
  Buffer start_;
  Format format_ = Format::binary;
  std::unique_ptr<Cutter> cutter_;
  codec::UniqueFd file_;
  unsigned files_ = 0;
  std::string error_;
};

}  // namespace

std::optional<std::string> fetch(const Remote& from, milliseconds time, int to) {
  ProgressLine line{from.url.stream, from.quiet};
  int disk = 0;
  auto wrong = follow(from.url.live(), from, time, line, [&](Bytes bytes) {
    disk = write_all(to, bytes);
    return disk == 0;
  });
  if (disk != 0) return std::strerror(disk);
  return wrong;
}

int watch_command(const WatchOptions& options) {
  codec::UniqueFd file;
  if (options.out != "-") {
    file.reset(::open(options.out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file) return fail_with(file_error(options.out, errno).value().what);
  }
  const int to = file ? file.get() : STDOUT_FILENO;
  ProgressLine line{options.from.url.stream, options.from.quiet};
  int disk = 0;
  const auto wrong = follow(with_wait(options.from.url.live(), options.wait), options.from,
                            options.time, line, [&](Bytes bytes) {
                              disk = write_all(to, bytes);
                              return disk == 0;
                            });
  if (disk == EPIPE) return 0;  // whoever read stdout has enough
  if (disk != 0) return fail_with(file_error(options.out, disk).value().what);
  if (wrong) return fail_with(*wrong);
  return 0;
}

int record_command(const RecordOptions& options) {
  const auto extension = container_of(options.out);
  if (!extension) return fail_with(extension.error().what);
  // Matroska takes what was published; the server makes the others.
  const std::string url =
      options.from.url.live(*extension == "mkv" || *extension == "ogg" ? "" : *extension);
  ProgressLine line{options.from.url.stream, options.from.quiet};
  FilmFiles films{options.out};
  const auto wrong = follow(with_wait(url, options.wait), options.from, options.time, line,
                            [&](Bytes bytes) { return films.take(bytes); });
  const bool whole = films.finish(line);
  if (wrong) return fail_with(*wrong);
  return whole ? 0 : fail_with(films.error());
}

}  // namespace framewire::cli
