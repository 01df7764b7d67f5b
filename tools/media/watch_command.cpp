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
#include <vector>

#include "ingest/intake/make_cutter.h"
#include "ingest/intake/sniff.h"
#include "tools/base/progress_line.h"
#include "tools/media/file_commands.h"
#include "tools/media/media_options.h"
#include "tools/media/media_source.h"
#include "tools/media/tries.h"

namespace framewire::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

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
std::optional<Failure> follow(const std::string& url, const Remote& from, milliseconds time,
                              ProgressLine& line, const std::function<bool(Bytes)>& take) {
  const Interrupt interrupt;
  std::optional<steady_clock::time_point> began;
  steady_clock::time_point since = steady_clock::now();
  Tries tries{line};
  while (true) {
    bool over = false;
    const TransferEnd end = download(url, from.access, [&](Bytes bytes) {
      const auto now = since = steady_clock::now();
      if (!began) began = now;
      tries.over();
      line.add(bytes.size());
      line.show(std::chrono::duration_cast<std::chrono::microseconds>(now - *began));
      over = !take(bytes) || (time.count() > 0 && now - *began >= time);
      return !over;
    });
    if (over || end.interrupted || Interrupt::asked()) return std::nullopt;
    if (end.error.empty()) return std::nullopt;
    if (!end.lost || !began || steady_clock::now() - since >= from.retry)
      return Failure{tries.told(end.error), end.exit_code()};
    tries.again(end.error, from.retry);
    std::this_thread::sleep_for(kRetryEvery);
  }
}

int report_failure(const Failure& why) {
  fmt::print(stderr, "framewire: {}\n", why.what);
  return why.code;
}

// A file that something may be lost of; devices and pipes are written to as they are.
bool is_there(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  return std::filesystem::is_regular_file(status) || std::filesystem::is_directory(status);
}

Failure there_already(const std::string& path) {
  return {path + " is there already; --force writes over it", kExitDisk};
}

// out.mp4, out-2.mp4, ...; each from an init segment on.
class FilmFiles final : private PartSink {
 public:
  FilmFiles(std::string path, bool force) : path_(std::move(path)), force_(force) {}

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
    if (films_.empty() && error_.empty()) return failed("nothing came");
    for (const std::string& film : films_) {
      const std::string part = film + ".part";
      const auto facts = remux_file(part, format_, film, force_);
      if (!facts) return failed(fmt::format("{} stays as it came: {}", part, facts.error().what));
      std::filesystem::remove(part);
      line.say(fmt::format("{}: {:.1f} s, {} bytes", film, facts->seconds, facts->bytes));
    }
    return error_.empty();
  }
  Failure failure() const { return {error_, code_}; }

 private:
  static constexpr std::size_t kSniffBytes = 1024;

  bool feed(Bytes bytes) {
    const auto fed = cutter_->feed(bytes);
    return fed ? error_.empty() : failed(fed.error().what);
  }
  bool failed(std::string why, ExitCode code = kExitFailed) {
    if (error_.empty()) {
      error_ = std::move(why);
      code_ = code;
    }
    return false;
  }
  // The first was looked at before anything was asked for; others take the next name that is free.
  std::string next_name() {
    if (++number_ == 1) return path_;
    const std::filesystem::path path{path_};
    std::string film;
    do {
      film = (path.parent_path() /
              fmt::format("{}-{}{}", path.stem().string(), number_++, path.extension().string()))
                 .string();
    } while (!force_ && is_there(film));
    --number_;
    return film;
  }

  void on_epoch(const EpochInfo&) override {
    close();
    films_.push_back(next_name());
    const std::string part = films_.back() + ".part";
    const int anew = force_ ? O_TRUNC : O_EXCL;
    file_.reset(::open(part.c_str(), O_WRONLY | O_CREAT | anew | O_CLOEXEC, 0644));
    if (file_) return;
    const int error = errno;
    films_.pop_back();
    failed(fmt::format("{}: {}", part, std::strerror(error)), kExitDisk);
  }
  void on_part(Rendition rendition, const CutPart& part) override {
    if (rendition != Rendition::origin || part.joiners_only || !file_) return;
    if (const int error = write_all(file_.get(), part.payload); error != 0)
      failed(fmt::format("{}: {}", films_.back(), std::strerror(error)), kExitDisk);
  }
  void close() { file_.reset(); }

  const std::string path_;
  const bool force_;
  Buffer start_;
  Format format_ = Format::binary;
  std::unique_ptr<Cutter> cutter_;
  UniqueFd file_;
  unsigned number_ = 0;
  std::vector<std::string> films_;
  std::string error_;
  ExitCode code_ = kExitFailed;
};

}  // namespace

std::optional<Failure> fetch(const Remote& from, milliseconds time, int to) {
  ProgressLine line{from.url.stream, from.quiet};
  int disk = 0;
  auto wrong = follow(from.url.live(), from, time, line, [&](Bytes bytes) {
    disk = write_all(to, bytes);
    return disk == 0;
  });
  if (disk != 0) return Failure{std::strerror(disk), kExitDisk};
  return wrong;
}

int watch_command(const WatchOptions& options) {
  UniqueFd file;
  if (options.out != "-") {
    if (!options.force && is_there(options.out)) return report_failure(there_already(options.out));
    file.reset(::open(options.out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file) return report_failure({file_error(options.out, errno).value().what, kExitDisk});
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
  if (disk != 0) return report_failure({file_error(options.out, disk).value().what, kExitDisk});
  if (wrong) return report_failure(*wrong);
  return 0;
}

int record_command(const RecordOptions& options) {
  const auto extension = container_of(options.out);
  if (!extension) return report_failure({extension.error().what, kExitUsage});
  for (const std::string& file : {options.out, options.out + ".part"})
    if (!options.force && is_there(file)) return report_failure(there_already(file));
  // Matroska takes what was published; the server makes the others.
  const std::string url =
      options.from.url.live(*extension == "mkv" || *extension == "ogg" ? "" : *extension);
  ProgressLine line{options.from.url.stream, options.from.quiet};
  FilmFiles films{options.out, options.force};
  const auto wrong = follow(with_wait(url, options.wait), options.from, options.time, line,
                            [&](Bytes bytes) { return films.take(bytes); });
  const bool whole = films.finish(line);
  if (wrong) return report_failure(*wrong);
  return whole ? 0 : report_failure(films.failure());
}

}  // namespace framewire::cli
