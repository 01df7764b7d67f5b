#include "relay/record/finaliser.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "codec/child_process.h"
#include "ingest/intake/sniff.h"
#include "relay/base/clock.h"
#include "relay/record/names.h"
#include "relay/record/part_file.h"

namespace framewire::relay {
namespace {

using codec::ChildEnd;
using codec::ChildProcess;
using codec::ChildSpec;
using nlohmann::json;

constexpr int kLookEveryMs = 100;
// A child gets a minute, and a second more for each MiB: a slow disk is no reason to give up.
constexpr std::chrono::seconds kChildTime{60};
constexpr std::uint64_t kBytesPerSecond = 1u << 20;
constexpr std::size_t kSniffBytes = 1024;
#ifdef FRAMEWIRE_WITH_FFMPEG
constexpr bool kCanRewrite = true;
#else
constexpr bool kCanRewrite = false;  // the appended bytes are the file
#endif

std::string hidden_path(const std::string& dir, const std::string& id) {
  return fmt::format("{}/.framewire/{}.new", dir, id);
}

UniqueFd open_file(const std::string& path, int flags) {
  return UniqueFd{::open(path.c_str(), flags | O_CLOEXEC, kRecordingMode)};
}

// A file without a name, gone with its descriptor.
UniqueFd nameless_file(const std::string& dir) {
  std::string path = dir + "/.framewire/cut.XXXXXX";
  if (const int error = make_folders_for(path); error != 0) {
    errno = error;
    return {};
  }
  UniqueFd file{::mkostemp(path.data(), O_CLOEXEC)};
  if (file) ::unlink(path.c_str());
  return file;
}

std::uint64_t size_of(int fd) {
  struct stat facts {};
  return ::fstat(fd, &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
}

std::optional<Format> format_of(int fd) {
  std::array<std::byte, kSniffBytes> start{};
  const ssize_t got = ::pread(fd, start.data(), start.size(), 0);
  if (got <= 0) return std::nullopt;
  return sniff(Bytes{start}.first(static_cast<std::size_t>(got)), /*decide=*/true);
}

// Waits for the child; nullopt when it was killed because time or `stop` wanted it so.
std::optional<ChildEnd> run(ChildProcess child, std::chrono::seconds time,
                            const std::atomic<bool>& stop) {
  const Time deadline = Clock::now() + time;
  while (!stop && Clock::now() < deadline) {
    pollfd ended{child.end_descriptor(), POLLIN, 0};
    if (::poll(&ended, 1, kLookEveryMs) > 0)
      if (auto end = child.take_end()) return end;
  }
  return std::nullopt;
}

std::chrono::seconds time_for(int fd) {
  return kChildTime + std::chrono::seconds{size_of(fd) / kBytesPerSecond};
}

// A child's answer (codec/child/files/finalise.h).
struct ChildAnswer {
  bool good = false;
  bool unreadable = false;  // the media is to blame
  int error = 0;            // of writing, an errno
  std::string what;
  json facts = json::object();
};

ChildAnswer read_answer(const ChildEnd& end) {
  ChildAnswer out;
  out.good = end.good();
  if (auto facts = json::parse(end.answer, nullptr, /*allow_exceptions=*/false); facts.is_object())
    out.facts = std::move(facts);
  out.what = end.describe();
  if (out.good) return out;
  out.what = out.facts.value("what", out.what);
  out.error = out.facts.value("errno", 0);
  out.unreadable = out.facts.value("unreadable", false);
  return out;
}

// One recording's way through.
class Job {
 public:
  Job(const std::string& dir, RecordingInfo info, const std::atomic<bool>& stop)
      : dir_(dir), stop_(stop), part_(part_path(dir, info.id)), fresh_(hidden_path(dir, info.id)) {
    out_.info = std::move(info);
    out_.info.state = RecordingState::finalising;
  }

  Finalised run_it() && {
    const FileKind* kind = file_kind_of(out_.info.id);
    const UniqueFd in = open_file(part_, O_RDONLY);
    if (!in) return wait_for(disk_error(errno, "reading", part_));
    if (kind->image && out_.info.whole) return finish(as_told(), size_of(in.get()), part_);
    const auto format = format_of(in.get());
    if (!format) return set_aside("it holds nothing");
    if (!kCanRewrite || *format == Format::jpeg) return finish({}, size_of(in.get()), part_);
    if (const int error = make_folders_for(fresh_); error != 0)
      return wait_for(disk_error(error, "making", fresh_));
    const UniqueFd picture = open_file(picture_path(), O_RDWR | O_CREAT | O_TRUNC);
    if (!picture) return wait_for(disk_error(errno, "making", picture_path()));
    if (kind->rewritten && !out_.info.whole) return rewrite(in, *format, *kind, picture);
    return examine(in, *format, *kind, picture);
  }

 private:
  std::string picture_path() const { return thumbnail_path(dir_, out_.info.id) + ".new"; }

  // Of an animated image, which is no stream.
  ChildAnswer as_told() const {
    ChildAnswer out;
    out.facts = {
        {"width", out_.info.width}, {"height", out_.info.height}, {"pictures", out_.info.frames}};
    return out;
  }

  Finalised rewrite(const UniqueFd& in, Format format, const FileKind& kind,
                    const UniqueFd& picture) {
    const UniqueFd file = open_file(fresh_, O_RDWR | O_CREAT | O_TRUNC);
    if (!file) return wait_for(disk_error(errno, "making", fresh_));
    const auto answer = ask({"finalise",
                             {std::string{to_string(format)}, std::string{kind.extension},
                              out_.info.title.empty() ? out_.info.stream : out_.info.title,
                              std::to_string(out_.info.began_ms)},
                             {in.get(), file.get(), picture.get()}},
                            in.get());
    if (!answer || !answer->good) ::unlink(fresh_.c_str());
    if (answer && answer->unreadable && answer->error == 0 && plays_as_it_is(format, kind))
      return keep(in, format, picture, answer->what);
    if (auto failed = judge(answer)) return *std::move(failed);
    if (::fsync(file.get()) != 0) return wait_for(disk_error(errno, "syncing", fresh_));
    return finish(*answer, size_of(file.get()), fresh_);
  }

  Finalised examine(const UniqueFd& in, Format format, const FileKind& kind,
                    const UniqueFd& picture) {
    const auto answer = look_at(in, format, picture);
    if (auto failed = judge(answer)) return *std::move(failed);
    // Its clock jumps, wraps or slips: few players would follow.
    if (answer->facts.value("mended", false) && format == Format::mpegts)
      return rewrite(in, format, kind, picture);
    return finish(*answer, size_of(in.get()), part_);
  }

  // Its container does not take what is in it, but the published bytes can be read.
  Finalised keep(const UniqueFd& in, Format format, const UniqueFd& picture,
                 const std::string& why) {
    const auto answer = look_at(in, format, picture);
    if (auto failed = judge(answer)) return *std::move(failed);
    if (out_.info.incomplete.empty())
      out_.info.incomplete = fmt::format("kept as it was published: {}", why);
    return finish(*answer, size_of(in.get()), part_);
  }

  static bool plays_as_it_is(Format format, const FileKind& kind) {
    return kind.extension == to_string(format) ||
           (kind.extension == "ts" && format == Format::mpegts) ||
           (kind.extension == "mkv" && format == Format::webm);
  }

  std::optional<ChildAnswer> look_at(const UniqueFd& in, Format format, const UniqueFd& picture) {
    return ask({"examine", {std::string{to_string(format)}}, {in.get(), picture.get()}}, in.get());
  }

  std::optional<ChildAnswer> ask(const ChildSpec& spec, int in) {
    auto child = ChildProcess::start(spec);
    if (!child) {
      ChildAnswer failed;
      failed.what = child.error().what;
      return failed;
    }
    const auto end = run(std::move(*child), time_for(in), stop_);
    if (!end) return std::nullopt;
    return read_answer(*end);
  }

  std::optional<Finalised> judge(const std::optional<ChildAnswer>& answer) {
    if (answer && answer->good) return std::nullopt;
    ::unlink(picture_path().c_str());
    if (!answer)
      return wait_for({RecordFault::finaliser, stop_ ? "the server stopped: it is finalised at the "
                                                       "next start"
                                                     : "finalising took too long"});
    if (answer->error != 0) return wait_for(disk_error(answer->error, "writing", fresh_));
    if (answer->unreadable) return set_aside(answer->what);
    return wait_for({RecordFault::finaliser, "the finaliser " + answer->what});
  }

  // The .part stays: it is tried again later, and at the next start.
  Finalised wait_for(RecordError error) {
    out_.outcome = Finalised::Outcome::waiting;
    out_.info.error = error.what;
    if (!stop_) out_.error = std::move(error);
    return std::move(out_);
  }

  Finalised set_aside(const std::string& why) {
    out_.outcome = Finalised::Outcome::broken;
    out_.info.state = RecordingState::broken;
    out_.info.error = fmt::format("unreadable: {}", why);
    out_.error = {RecordFault::unreadable,
                  fmt::format("{} is unreadable and kept as .broken: {}", out_.info.id, why)};
    ::unlink(picture_path().c_str());
    note();
    const std::string kept = broken_path(dir_, out_.info.id);
    if (::rename(part_.c_str(), kept.c_str()) != 0)
      spdlog::warn("recording {}: {}", out_.info.id, disk_error(errno, "renaming to", kept).what);
    sync_folder_of(part_);
    return std::move(out_);
  }

  Finalised finish(const ChildAnswer& answer, std::uint64_t bytes, const std::string& from) {
    RecordingInfo& info = out_.info;
    info.bytes = bytes;
    info.error.clear();
    count_frames(answer);
    info.width = answer.facts.value("width", 0u);
    info.height = answer.facts.value("height", 0u);
    if (answer.facts.contains("duration_ms"))
      info.duration_ms = answer.facts.value("duration_ms", std::int64_t{0});
    const std::string picture = picture_path();
    info.thumbnail = answer.facts.value("thumbnail", false) &&
                     ::rename(picture.c_str(), thumbnail_path(dir_, info.id).c_str()) == 0;
    if (!info.thumbnail) ::unlink(picture.c_str());
    note();
    const std::string file = recording_path(dir_, info.id);
    if (::rename(from.c_str(), file.c_str()) != 0)
      return wait_for(disk_error(errno, "renaming to", file));
    sync_folder_of(file);
    if (from != part_) {
      ::unlink(part_.c_str());
      sync_folder_of(file);
    }
    info.state = RecordingState::done;
    out_.outcome = Finalised::Outcome::done;
    return std::move(out_);
  }

  // A capture's file has the frames that were written, or says how many it has.
  void count_frames(const ChildAnswer& answer) {
    RecordingInfo& info = out_.info;
    const auto pictures = answer.facts.value("pictures", std::uint64_t{0});
    if (info.frames == 0 || info.frames == pictures) return;
    if (info.incomplete.empty())
      info.incomplete = fmt::format("{} frames of {} are in the file", pictures, info.frames);
    info.frames = pictures;
  }

  // What it says can be found out again but for the stream's name: a full disk is no reason to
  // fail.
  void note() {
    (void)replace_file(notes_path(dir_, out_.info.id), as_bytes(note_text(out_.info)));
  }

  const std::string& dir_;
  const std::atomic<bool>& stop_;
  const std::string part_;
  const std::string fresh_;  // the finished file, before it has its name
  Finalised out_;
};

}  // namespace

Finalised finalise(const std::string& dir, RecordingInfo info, const std::atomic<bool>& stop) {
  return Job{dir, std::move(info), stop}.run_it();
}

Result<UniqueFd> cut_range(const std::string& dir, const std::string& id, std::int64_t from_ms,
                           std::int64_t to_ms, const std::atomic<bool>& stop) {
  if (!kCanRewrite)
    return fail(Errc::malformed_media, "this server was built without FFmpeg: it cuts nothing");
  const FileKind* kind = file_kind_of(id);
  const UniqueFd in = open_file(recording_path(dir, id), O_RDONLY);
  if (!kind || !in) return fail(Errc::refused, fmt::format("there is no recording {}", id));
  const auto format = format_of(in.get());
  if (!format) return fail(Errc::malformed_media, fmt::format("{} is empty", id));
  UniqueFd out = nameless_file(dir);
  if (!out) return fail(Errc::internal, disk_error(errno, "making a file in", dir).what);
  auto child = ChildProcess::start({"cut",
                                    {std::string{to_string(*format)}, std::string{kind->extension},
                                     std::to_string(from_ms), std::to_string(to_ms)},
                                    {in.get(), out.get()}});
  if (!child) return tl::make_unexpected(child.error());
  const auto end = run(std::move(*child), time_for(in.get()), stop);
  if (!end) return fail(Errc::internal, "cutting took too long");
  const ChildAnswer answer = read_answer(*end);
  if (!answer.good)
    return fail(answer.unreadable ? Errc::malformed_media : Errc::internal, answer.what);
  return out;
}

}  // namespace framewire::relay
