// The recorder's part in files that child processes write: it names, lists, syncs and finalises
// those of lossless captures, and takes in films of pages, which are whole.
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <utility>

#include "relay/record/finaliser.h"
#include "relay/record/recorder.h"

namespace framewire::relay {
namespace {

constexpr unsigned kNamesTried = 1'000;

}  // namespace

void Recorder::begin_capture(const std::string& stream, const std::string& container,
                             BeginCapture callback) {
  post([this, stream, container, callback = std::move(callback)] {
    auto made = make_capture(stream, container);
    if (!made) on_fault(stream, made.error(), {});
    callback(std::move(made));
  });
}

tl::expected<Recorder::CaptureFile, RecordError> Recorder::make_capture(
    const std::string& stream, const std::string& container) {
  RecordingInfo info;
  info.stream = stream;
  info.began_ms = wall_clock_us() / 1000;
  const auto name =
      expand_name(config_.record_name, stream, static_cast<std::time_t>(info.began_ms / 1000));
  const FileKind* kind = file_kind_of("film." + container);
  if (!name || !kind)
    return tl::make_unexpected(
        RecordError{RecordFault::disk_unwritable, name ? "no such container" : name.error().what});
  int error = EEXIST;
  for (unsigned n = 1; n <= kNamesTried && error == EEXIST; ++n) {
    info.id = numbered_id(*name, n, *kind);
    auto file = PartFile::create(config_.record_dir, info.id);
    error = file ? 0 : file.error();
    if (!file) continue;
    CaptureFile out{info.id, (*file)->handle()};
    if (!out.file) return tl::make_unexpected(disk_error(errno, "opening", (*file)->path()));
    on_file_begun(info, std::move(*file));
    return out;
  }
  return tl::make_unexpected(disk_error(error, "making", part_path(config_.record_dir, info.id)));
}

void Recorder::note_capture(const std::string& id, std::uint64_t bytes) {
  post([this, id, bytes] {
    const auto found = entries_.find(id);
    if (found == entries_.end() || !found->second.file) return;
    on_written(bytes - std::min(bytes, found->second.file->bytes()));
    found->second.file->set_bytes(bytes);
  });
}

void Recorder::end_capture(const std::string& id, std::uint64_t frames, std::string incomplete,
                           EndCapture callback) {
  post([this, id, frames, incomplete = std::move(incomplete), callback = std::move(callback)] {
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;
    Entry& entry = found->second;
    entry.info.state = RecordingState::finalising;
    entry.info.incomplete = incomplete;
    entry.info.frames = frames;
    if (entry.file) entry.info.bytes = entry.file->bytes();
    entry.file.reset();
    entry.captured = callback;
    queue_finalise(entry);
  });
}

void Recorder::adopt(RecordingInfo info, std::string path, EndCapture callback) {
  post([this, info = std::move(info), path = std::move(path),
        callback = std::move(callback)]() mutable {
    info.whole = true;
    info.state = RecordingState::finalising;
    const std::string part = part_path(config_.record_dir, info.id);
    int error = make_folders_for(part);
    if (error == 0) {
      (void)::chmod(path.c_str(), kRecordingMode);
      // The note first: a crash between the two leaves no file that would be rewritten.
      (void)replace_file(notes_path(config_.record_dir, info.id), as_bytes(note_text(info)));
      error = ::rename(path.c_str(), part.c_str()) == 0 ? 0 : errno;
    }
    if (error != 0) {
      ::unlink(notes_path(config_.record_dir, info.id).c_str());
      callback({Finalised::Outcome::waiting, info, disk_error(error, "moving the film to", part)});
      return;
    }
    sync_folder_of(part);
    Entry& entry = entries_[info.id];
    entry.info = std::move(info);
    entry.captured = std::move(callback);
    queue_finalise(entry);
  });
}

void Recorder::drop_capture(const std::string& id) {
  post([this, id] {
    spdlog::info("recording {}: cancelled", id);
    erase(id);
  });
}

}  // namespace framewire::relay
