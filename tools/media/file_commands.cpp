// framewire remux and framewire verify.
#include "tools/media/file_commands.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "codec/child_process.h"
#include "ingest/intake/make_cutter.h"
#include "tools/base/new_file.h"
#include "tools/media/media_options.h"
#include "tools/media/media_source.h"

namespace framewire::cli {
namespace {

using codec::ChildEnd;
using codec::ChildProcess;

constexpr std::array<std::string_view, 6> kContainers = {"webm", "mkv", "mp4", "flv", "ts", "ogg"};
constexpr std::size_t kReadBytes = 256u << 10;

Result<UniqueFd> open_file(const std::string& path, int flags) {
  UniqueFd fd{::open(path.c_str(), flags | O_CLOEXEC, 0644)};
  if (!fd) return file_error(path, errno);
  return fd;
}

// The child's answer; an error of its own words.
Result<nlohmann::json> ask(const codec::ChildSpec& spec) {
#ifndef FRAMEWIRE_WITH_FFMPEG
  (void)spec;
  return fail(Errc::internal, "this framewire was built without FFmpeg");
#else
  auto child = ChildProcess::start(spec);
  if (!child) return tl::make_unexpected(child.error());
  const ChildEnd end = child->wait();
  nlohmann::json answer = nlohmann::json::parse(end.answer, nullptr, false);
  if (end.good() && answer.is_object()) return answer;
  return fail(Errc::malformed_media,
              answer.is_object() ? answer.value("what", end.describe()) : end.describe());
#endif
}

std::uint64_t size_of(int fd) {
  struct stat facts {};
  return ::fstat(fd, &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
}

int fail_with(const std::string& why, ExitCode code = kExitFailed) {
  fmt::print(stderr, "framewire: {}\n", why);
  return code;
}

}  // namespace

Result<std::string> container_of(const std::string& path) {
  std::string extension = std::filesystem::path{path}.extension().string();
  if (!extension.empty()) extension.erase(0, 1);
  if (std::find(kContainers.begin(), kContainers.end(), extension) != kContainers.end())
    return extension;
  return fail(Errc::unsupported_format,
              fmt::format("{}: the name ends in one of .{}", path, fmt::join(kContainers, " .")));
}

Result<FilmFile> remux_file(const std::string& from, Format format, const std::string& to,
                            bool force) {
  const auto container = container_of(to);
  if (!container) return tl::make_unexpected(container.error());
  const auto in = open_file(from, O_RDONLY);
  if (!in) return tl::make_unexpected(in.error());
  const std::string fresh = to + ".new";
  const UniqueFd out = open_fresh(fresh);
  if (!out) return file_error(fresh, errno);
  const auto no_picture = open_file("/dev/null", O_WRONLY);
  if (!no_picture) return tl::make_unexpected(no_picture.error());
  const auto facts = ask({"finalise",
                          {std::string{to_string(format)}, *container, "", "0"},
                          {in->get(), out.get(), no_picture->get()}});
  if (!facts || !put_in_place(fresh, to, force)) {
    const int error = errno;
    ::unlink(fresh.c_str());
    if (facts) return file_error(to, error);
    return fail(facts.error().code, fmt::format("{}: {}", from, facts.error().what));
  }
  return FilmFile{facts->value("duration_ms", 0.0) / 1000, size_of(out.get())};
}

int remux_command(const RemuxOptions& options) {
  const auto in = open_file(options.in, O_RDONLY);
  if (!in) return fail_with(in.error().what, kExitNotFound);
  const auto format = format_of_file(in->get());
  if (!format) return fail_with(fmt::format("{}: {}", options.in, format.error().what));
  std::error_code same;
  if (std::filesystem::equivalent(options.in, options.out, same))
    return fail_with("the two files are one");
  if (!options.force && std::filesystem::exists(options.out, same))
    return fail_with(options.out + " is there already; --force writes over it", kExitDisk);
  const auto film = remux_file(options.in, *format, options.out, options.force);
  if (!film) return fail_with(film.error().what);
  fmt::print("{}: {:.3f} s, {} bytes\n", options.out, film->seconds, film->bytes);
  return 0;
}

// ---- verify

namespace {

// What a server would make of the file: its groups, or where it breaks off.
class GroupCount final : public PartSink {
 public:
  std::uint64_t groups = 0;

 private:
  void on_epoch(const EpochInfo&) override {}
  void on_part(Rendition rendition, const CutPart& part) override {
    if (rendition == Rendition::origin && part.group_start) ++groups;
  }
};

// nullopt: a container that is not for live streams (an MP4 that is not fragmented).
std::optional<nlohmann::json> cut_file(int fd, Format format) {
  GroupCount sink;
  auto cutter = make_cutter(format, {}, sink);
  if (!cutter) return std::nullopt;
  Buffer buffer(kReadBytes);
  Result<void> good;
  for (off_t at = 0; good;) {
    const ssize_t got = ::pread(fd, buffer.data(), buffer.size(), at);
    if (got <= 0) break;
    good = (*cutter)->feed(Bytes{buffer}.first(static_cast<std::size_t>(got)));
    at += got;
  }
  if (good) good = (*cutter)->finish();
  if (good) return nlohmann::json{{"groups", sink.groups}};
  return nlohmann::json{
      {"groups", sink.groups},
      {"fault", fmt::format("{} (at byte {})", good.error().what, good.error().offset)}};
}

void print_track(const nlohmann::json& track) {
  const bool video = track["kind"] == "video";
  std::string what = fmt::format("  {:5} {:6}", track["kind"].get<std::string>(),
                                 track["codec"].get<std::string>());
  what += video ? fmt::format(" {}x{}", track["width"].get<int>(), track["height"].get<int>())
                : fmt::format(" {} Hz, {} channels", track["sample_rate"].get<int>(),
                              track["channels"].get<int>());
  what += fmt::format(", {} packets, {} frames, {:.3f} to {:.3f} s", track["packets"].get<int>(),
                      track["frames"].get<int>(), track["begin_ms"].get<double>() / 1000,
                      track["end_ms"].get<double>() / 1000);
  if (video)
    what += fmt::format(", {} keyframes, at most {:.3f} s apart", track["keyframes"].get<int>(),
                        track["longest_group_ms"].get<double>() / 1000);
  fmt::print("{}\n", what);
}

int report(const VerifyOptions& options, const std::string& name, const nlohmann::json& facts) {
  const auto& faults = facts["faults"];
  if (options.json) {
    fmt::print("{}\n", facts.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{}: {}, {:.3f} s, {} bytes", name, facts["format"].get<std::string>(),
               facts["duration_ms"].get<double>() / 1000, facts["bytes"].get<std::uint64_t>());
    if (facts.contains("groups")) fmt::print(", {} groups", facts["groups"].get<std::uint64_t>());
    fmt::print("\n");
    for (const nlohmann::json& track : facts["tracks"]) print_track(track);
    for (const nlohmann::json& fault : faults)
      fmt::print("  fault: {}\n", fault.get<std::string>());
    fmt::print("{}\n", faults.empty() ? "no faults" : fmt::format("{} faults", faults.size()));
  }
  return faults.empty() ? 0 : 1;
}

int verify_file(const VerifyOptions& options, const std::string& name, int fd) {
  const auto format = format_of_file(fd);
  if (!format) return fail_with(fmt::format("{}: {}", name, format.error().what));
  if (*format == Format::binary) return fail_with(name + ": no format that is known here");
  auto facts = ask({"check",
                    {std::string{to_string(*format)}, std::to_string(options.max_gap.count()),
                     std::to_string(options.max_drift.count())},
                    {fd}});
  if (!facts) return fail_with(fmt::format("{}: {}", name, facts.error().what));
  (*facts)["format"] = to_string(*format);
  (*facts)["bytes"] = size_of(fd);
  const bool live = *format != Format::mp4 || is_fragmented(fd);
  if (const auto cut = live ? cut_file(fd, *format) : std::nullopt) {
    (*facts)["groups"] = (*cut)["groups"];
    if (cut->contains("fault")) (*facts)["faults"].push_back((*cut)["fault"]);
  }
  return report(options, name, *facts);
}

}  // namespace

int verify_command(const VerifyOptions& options) {
  if (!options.from) {
    const auto in = open_file(options.target, O_RDONLY);
    if (!in) return fail_with(in.error().what, kExitNotFound);
    return verify_file(options, options.target, in->get());
  }
  std::string path = (std::filesystem::temp_directory_path() / "framewire-verify.XXXXXX").string();
  const UniqueFd file{::mkostemp(path.data(), O_CLOEXEC)};
  if (!file) return fail_with(file_error(path, errno).value().what, kExitDisk);
  ::unlink(path.c_str());
  if (const auto wrong = fetch(*options.from, options.time, file.get()))
    return fail_with(wrong->what, wrong->code);
  return verify_file(options, options.from->url.live(), file.get());
}

}  // namespace framewire::cli
