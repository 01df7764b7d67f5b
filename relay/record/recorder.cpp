#include "relay/record/recorder.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "relay/fanout/messages.h"
#include "relay/record/finaliser.h"

namespace framewire::relay {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kTurnEvery{100};
constexpr std::chrono::milliseconds kIdleTurnEvery{1'000};
constexpr std::chrono::milliseconds kSyncEvery{1'000};
constexpr std::chrono::seconds kLookEvery{10};   // for age, size and files that others took away
constexpr std::chrono::seconds kRetryAfter{30};  // of a .part that could not be finalised
constexpr std::chrono::milliseconds kStopStep{20};
constexpr std::size_t kJobs = 100'000;  // recordings that wait to be finalised
constexpr std::size_t kCutsWaiting = 8;
// What a finalised file needs beside its bytes: an index, and room for others.
constexpr std::uint64_t kRoom = 1u << 20;

std::string read_text(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::uint64_t free_bytes(const std::string& dir) {
  struct statvfs facts {};
  if (::statvfs(dir.c_str(), &facts) != 0) return 0;
  return static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
}

}  // namespace

Recorder::Recorder(const Config& config, RecorderDelegate delegate)
    : config_(config),
      delegate_(std::move(delegate)),
      cuts_(config.max_cuts, config.cut_bytes),
      syncing_(kJobs),
      finalising_(kJobs),
      cutting_(kCutsWaiting),
      thread_([this] { run(); }) {}

Recorder::~Recorder() {
  stop();
}

void Recorder::stop() {
  if (!thread_.joinable()) return;
  {
    const Lock lock{mutex_};
    stopping_ = true;
  }
  woken_.notify_one();
  thread_.join();
  cutting_.stop();
  finalising_.stop();
  syncing_.stop();
}

// ---- from other threads

void Recorder::post(std::function<void()> task) {
  {
    const Lock lock{mutex_};
    tasks_.push_back(std::move(task));
  }
  woken_.notify_one();
}

void Recorder::wake() {
  {
    const Lock lock{mutex_};
    awake_ = true;
  }
  woken_.notify_one();
}

std::shared_ptr<RecordFeed> Recorder::open(const std::string& stream, PublisherId publisher,
                                           std::string title) {
  auto feed = std::make_shared<RecordFeed>(stream, config_.record_inbox_bytes, [this] { wake(); });
  feed->set_publisher(publisher, std::move(title));
  post([this, feed] {
    RecordingDelegate& delegate = *this;
    recordings_.push_back(std::make_unique<Recording>(config_, delegate, feed));
  });
  return feed;
}

// A long list takes milliseconds of the thread that writes all files.
void Recorder::list(std::optional<std::string> stream, TakeList callback, bool uploads_too) {
  ListKey key{std::move(stream), uploads_too};
  {
    const Lock lock{mutex_};
    auto& waiting = lists_[key];
    waiting.push_back(std::move(callback));
    if (waiting.size() > 1) return;
  }
  post([this, key = std::move(key)] { report_list(key); });
}

void Recorder::report_list(const ListKey& key) {
  const auto& [stream, uploads_too] = key;
  std::vector<TakeList> waiting;
  {
    const Lock lock{mutex_};
    waiting = std::move(lists_[key]);
    lists_.erase(key);
  }
  std::vector<const RecordingInfo*> out;
  for (auto& [id, entry] : entries_) {
    if (stream && entry.info.stream != *stream) continue;
    if (entry.file) entry.info.bytes = entry.file->bytes();
    out.push_back(&entry.info);
  }
  const std::string json = recordings_json(std::move(out), uploads_too);
  for (const TakeList& take : waiting) take(json);
}

void Recorder::remove(const std::string& id, std::function<void(Removal)> callback) {
  post([this, id, callback = std::move(callback)] {
    const auto found = entries_.find(id);
    if (found == entries_.end()) {
      callback(Removal::unknown);
    } else if (found->second.file || found->second.queued) {
      callback(Removal::in_use);
    } else {
      spdlog::info("recording {}: deleted", id);
      ++counters_.deletions[static_cast<std::size_t>(RecordDeletion::api)];
      erase(id);
      callback(Removal::removed);
    }
  });
}

bool Recorder::cut(const std::string& id, std::int64_t from_ms, std::int64_t to_ms,
                   std::function<void(Result<Cut>)> callback) {
  auto share = cuts_.take();
  if (!share) return false;
  return cutting_.post([this, id, from_ms, to_ms, share, callback = std::move(callback)] {
    // What it will take is known when it is made; it is no more than the whole.
    struct stat whole {};
    const int looked = ::stat(recording_path(config_.record_dir, id).c_str(), &whole);
    if (looked == 0 && !share->hold(static_cast<std::uint64_t>(whole.st_size))) {
      callback(fail(Errc::limit_exceeded, "the ranges that are being sent take too much room"));
      return;
    }
    auto file = cut_range(config_.record_dir, id, from_ms, to_ms, cutting_.stopping());
    if (!file) {
      callback(tl::make_unexpected(file.error()));
      return;
    }
    struct stat made {};
    if (::fstat(file->get(), &made) == 0) share->hold(static_cast<std::uint64_t>(made.st_size));
    callback(Cut{*std::move(file), share});
  });
}

// ---- the thread

void Recorder::run() {
  scan();
  begin_uploads();
  for (bool stopping = false; !stopping;) {
    std::vector<std::function<void()>> tasks;
    {
      const Time until = Clock::now() + (recordings_.empty() ? kIdleTurnEvery : kTurnEvery);
      Lock lock{mutex_};
      while (!stopping_ && !awake_ && tasks_.empty() && lock.wait_until(woken_, until)) {
      }
      awake_ = false;
      stopping = stopping_;
      tasks.swap(tasks_);
    }
    for (const auto& task : tasks) task();
    turn();
  }
  for (const auto& recording : recordings_) recording->finish();
  recordings_.clear();
  if (config_.uploads) config_.uploads->set_listener({});
  const Time deadline = Clock::now() + config_.drain_timeout;
  while (!finalising_.idle() && Clock::now() < deadline) std::this_thread::sleep_for(kStopStep);
}

void Recorder::turn() {
  for (const auto& recording : recordings_) recording->turn();
  std::erase_if(recordings_, [](const auto& recording) { return recording->over(); });
  const Time now = Clock::now();
  if (now - synced_ >= kSyncEvery) {
    synced_ = now;
    sync_files(now);
    report();
  }
  if (now - looked_ >= kLookEvery) {
    looked_ = now;
    forget_missing();
    expire();
    retry_waiting(now);
    offer_uploads();
  }
}

// What an earlier run left: finished files, and .part files that it was killed over.
void Recorder::scan() {
  std::error_code error;
  fs::create_directories(config_.record_dir, error);
  if (error || ::access(config_.record_dir.c_str(), W_OK | X_OK) != 0) {
    const int number = error ? error.value() : errno;
    on_fault("", disk_error(number, "writing to", config_.record_dir), {});
  }
  fs::recursive_directory_iterator at{config_.record_dir,
                                      fs::directory_options::skip_permission_denied, error};
  for (; !error && at != fs::recursive_directory_iterator{}; at.increment(error)) {
    const std::string name = at->path().filename().string();
    std::error_code ignored;
    if (name.starts_with('.'))
      at.disable_recursion_pending();
    else if (at->is_regular_file(ignored))
      scan_file(fs::relative(at->path(), config_.record_dir, ignored).string());
  }
  if (error) on_fault("", disk_error(error.value(), "reading", config_.record_dir), {});
  for (auto& [id, entry] : entries_)
    if (entry.info.state == RecordingState::finalising) queue_finalise(entry);
}

void Recorder::scan_file(const std::string& path) {
  const fs::path file{path};
  const bool part = file.extension() == ".part", broken = file.extension() == ".broken";
  const std::string id = part || broken ? fs::path{file}.replace_extension().string() : path;
  if (!is_recording_id(id)) return;
  struct stat facts {};
  if (::stat(recording_path(config_.record_dir, path).c_str(), &facts) != 0) return;
  struct stat finished {};
  if (part && ::stat(recording_path(config_.record_dir, id).c_str(), &finished) == 0) {
    // Renamed, and killed before the .part was gone.
    ::unlink(part_path(config_.record_dir, id).c_str());
    return;
  }
  Entry entry;
  RecordingInfo& info = entry.info;
  info.id = id;
  info.bytes = static_cast<std::uint64_t>(facts.st_size);
  info.began_ms = static_cast<std::int64_t>(facts.st_mtime) * 1000;
  info.stream = fs::path{id}.parent_path().string();
  info.state = part     ? RecordingState::finalising
               : broken ? RecordingState::broken
                        : RecordingState::done;
  read_note(read_text(notes_path(config_.record_dir, id)), info);
  entries_[id] = std::move(entry);
}

void Recorder::sync_files(Time) {
  for (auto& [id, entry] : entries_)
    if (entry.file && entry.file->dirty())
      syncing_.post([file = entry.file] {
        if (file->dirty()) file->sync();
      });
}

void Recorder::queue_finalise(Entry& entry) {
  entry.queued = finalising_.post([this, info = entry.info] {
    Finalised result = finalise(config_.record_dir, info, finalising_.stopping());
    post([this, result = std::move(result)]() mutable { on_finalised(std::move(result)); });
  });
}

void Recorder::on_finalised(Finalised result) {
  const auto found = entries_.find(result.info.id);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.queued = false;
  entry.info = result.info;
  if (result.error) on_fault(entry.info.stream, *result.error, entry.publisher);
  if (const auto captured = std::exchange(entry.captured, nullptr)) captured(result);
  if (result.outcome == Finalised::Outcome::waiting) entry.retry = Clock::now() + kRetryAfter;
  if (result.outcome == Finalised::Outcome::broken) entry.info.upload.reset();
  if (result.outcome != Finalised::Outcome::done) return;
  ++counters_.finalised;
  spdlog::info("recording {}: done, {} bytes, {} ms", entry.info.id, entry.info.bytes,
               entry.info.duration_ms.value_or(0));
  if (entry.publisher.number != 0)
    delegate_.send_text(entry.publisher, recorded_message(entry.info));
  delegate_.announce(finished_event(entry.info));
  owe_upload(entry);
  expire();
}

void Recorder::retry_waiting(Time now) {
  for (auto& [id, entry] : entries_)
    if (entry.info.state == RecordingState::finalising && !entry.queued && entry.retry <= now &&
        free_bytes(config_.record_dir) > entry.info.bytes + kRoom)
      queue_finalise(entry);
}

void Recorder::expire() {
  std::vector<RecordingInfo> all;
  for (const auto& [id, entry] : entries_) {
    all.push_back(entry.info);
    if (entry.file) all.back().bytes = entry.file->bytes();
  }
  const Retention retention{config_.record_keep.count(), config_.record_max_bytes};
  const Expired gone = expired(all, retention, wall_clock_us() / 1000);
  const auto take = [this](const std::vector<std::string>& ids, RecordDeletion why) {
    for (const std::string& id : ids) {
      spdlog::info("recording {}: deleted, for its {}", id,
                   kRecordDeletions[static_cast<std::size_t>(why)]);
      ++counters_.deletions[static_cast<std::size_t>(why)];
      erase(id);
    }
  };
  take(gone.by_age, RecordDeletion::age);
  take(gone.by_size, RecordDeletion::size);
}

// Somebody else may delete files.
// Only what is surely not there: a disk that cannot be read at the moment has lost nothing.
void Recorder::forget_missing() {
  std::vector<std::string> missing;
  for (const auto& [id, entry] : entries_)
    if (entry.info.state == RecordingState::done &&
        ::access(recording_path(config_.record_dir, id).c_str(), F_OK) != 0 && errno == ENOENT)
      missing.push_back(id);
  for (const std::string& id : missing) erase(id);
}

void Recorder::erase(const std::string& id) {
  if (config_.uploads) config_.uploads->forget(id);
  entries_.erase(id);
  for (const std::string& path :
       {recording_path(config_.record_dir, id), part_path(config_.record_dir, id),
        broken_path(config_.record_dir, id), notes_path(config_.record_dir, id),
        thumbnail_path(config_.record_dir, id)})
    ::unlink(path.c_str());
}

void Recorder::report() {
  counters_.recording = counters_.finalising = counters_.stored_bytes = 0;
  counters_.uploads_waiting = counters_.uploads_sending = 0;
  for (const auto& [id, entry] : entries_) {
    counters_.recording += entry.file ? 1 : 0;
    counters_.finalising += entry.info.state == RecordingState::finalising ? 1 : 0;
    counters_.stored_bytes += entry.file ? entry.file->bytes() : entry.info.bytes;
    if (!entry.info.upload || entry.info.state != RecordingState::done) continue;
    counters_.uploads_waiting += entry.info.upload->state == UploadState::waiting ? 1 : 0;
    counters_.uploads_sending += entry.info.upload->state == UploadState::sending ? 1 : 0;
  }
  if (counters_ == reported_) return;
  reported_ = counters_;
  delegate_.count(counters_);
}

// ---- what recordings say

void Recorder::on_file_begun(const RecordingInfo& info, std::shared_ptr<PartFile> file) {
  spdlog::info("recording {}: of stream {}", info.id, info.stream);
  Entry entry;
  entry.info = info;
  if (config_.uploads) entry.info.upload.emplace();  // whatever happens until it is finished
  const std::string note = note_text(entry.info);
  // Without it a crash loses the stream's name and the time, not the film.
  if (const int error = replace_file(notes_path(config_.record_dir, info.id), as_bytes(note)))
    spdlog::warn("recording {}: {}", info.id, disk_error(error, "noting", info.id).what);
  entry.file = std::move(file);
  entries_[info.id] = std::move(entry);
  delegate_.announce(begun_event(info));
}

void Recorder::on_file_ended(const RecordingInfo& info, bool empty, PublisherId publisher) {
  Entry& entry = entries_[info.id];
  auto upload = std::move(entry.info.upload);
  entry.info = info;
  entry.info.upload = std::move(upload);
  entry.file.reset();
  entry.publisher = publisher;
  if (empty)
    erase(info.id);
  else
    queue_finalise(entry);
}

void Recorder::on_fault(const std::string& stream, const RecordError& error,
                        PublisherId publisher) {
  ++counters_.errors[static_cast<std::size_t>(error.fault)];
  spdlog::error("recording{}{}: {}: {}", stream.empty() ? "" : " of ", stream,
                to_string(error.fault), error.what);
  if (!stream.empty()) delegate_.announce(failed_event(stream, to_string(error.fault), error.what));
  if (publisher.number != 0)
    delegate_.send_text(publisher, recording_message("failed", to_string(error.fault), error.what));
}

void Recorder::on_dropped(std::uint64_t parts) {
  counters_.dropped_parts += parts;
}

void Recorder::on_written(std::uint64_t bytes) {
  counters_.recorded_bytes += bytes;
}

}  // namespace framewire::relay
