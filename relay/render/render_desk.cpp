#include "relay/render/render_desk.h"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <utility>

#include "ingest/base/try.h"
#include "relay/record/finaliser.h"
#include "relay/record/part_file.h"
#include "relay/render/render_run.h"
#include "relay/render/render_wish.h"

namespace framewire::relay {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kLookEvery{250};      // at what runs
constexpr std::chrono::milliseconds kStopsWithin{2'000};  // what runs when the server ends
constexpr const char* kStream = "render";                 // of which its recordings are
constexpr const char* kInterrupted = "interrupted";

Error no_job(std::uint64_t id) {
  return {Errc::malformed_media, fmt::format("there is no film {}", id)};
}

}  // namespace

bool RenderDesk::Job::over() const {
  return info.state != RenderState::queued && info.state != RenderState::running;
}

RenderDesk::RenderDesk(const Config& config, Recorder& recorder,
                       std::function<void(Event)> announce, std::string program)
    : config_(config),
      recorder_(recorder),
      announce_(std::move(announce)),
      program_(std::move(program)),
      folder_(config.record_dir + "/.framewire/.renders"),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { run(); }) {}

RenderDesk::~RenderDesk() {
  stop();
}

void RenderDesk::stop() {
  if (!thread_.joinable()) return;
  {
    const Lock lock{mutex_};
    stopping_ = true;
  }
  (void)::eventfd_write(wake_.get(), 1);
  thread_.join();
}

// ---- from other threads

void RenderDesk::post(std::function<void()> task) {
  {
    const Lock lock{mutex_};
    tasks_.push_back(std::move(task));
  }
  (void)::eventfd_write(wake_.get(), 1);
}

void RenderDesk::begin(std::string body, OnAnswer answer) {
  post([this, body = std::move(body), answer = std::move(answer)] { answer(begin(body)); });
}

void RenderDesk::list(RenderQuery query, OnAnswer answer) {
  post([this, query, answer = std::move(answer)] {
    std::vector<const RenderInfo*> newest;
    auto at = query.before ? jobs_.lower_bound(*query.before) : jobs_.end();
    while (at != jobs_.begin() && newest.size() <= query.limit)
      newest.push_back(&(--at)->second.info);
    answer(renders_json(newest, query));
  });
}

void RenderDesk::look(std::uint64_t id, OnAnswer answer) {
  post([this, id, answer = std::move(answer)] {
    const auto found = jobs_.find(id);
    if (found == jobs_.end())
      answer(tl::make_unexpected(no_job(id)));
    else
      answer(render_json(found->second.info));
  });
}

void RenderDesk::cancel(std::uint64_t id, OnAnswer answer) {
  post([this, id, answer = std::move(answer)] {
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return answer(tl::make_unexpected(no_job(id)));
    Job& job = found->second;
    if (job.over()) {
      forget(id);
    } else if (job.run) {
      job.run->stop(Clock::now(), "cancelled", "it was cancelled");
    } else if (job.info.state == RenderState::queued) {
      job.info.state = RenderState::cancelled;
      job.info.error_code = "cancelled";
      job.info.error = "it was cancelled";
      end(job);
    }  // else its film is being taken in: it is as good as done
    answer(std::string{});
  });
}

// ---- the thread

void RenderDesk::run() {
  load();
  for (bool stopping = false; !stopping;) {
    std::vector<std::function<void()>> tasks;
    {
      const Lock lock{mutex_};
      stopping = stopping_;
      tasks.swap(tasks_);
    }
    for (const auto& task : tasks) task();
    look_at_runs();
    if (!stopping) {
      start_waiting();
      wait();
    }
  }
  interrupt_all();
}

void RenderDesk::wait() {
  std::vector<pollfd> watched{{wake_.get(), POLLIN, 0}};
  for (const auto& [id, job] : jobs_) {
    if (!job.run) continue;
    watched.push_back({job.run->said_descriptor(), POLLIN, 0});
    watched.push_back({job.run->end_descriptor(), POLLIN, 0});
  }
  const int timeout = watched.size() > 1 ? static_cast<int>(kLookEvery.count()) : -1;
  (void)::poll(watched.data(), watched.size(), timeout);
  eventfd_t count = 0;
  (void)::eventfd_read(wake_.get(), &count);
}

// What an earlier run left.
void RenderDesk::load() {
  std::error_code error;
  fs::create_directories(folder_, error);
  for (fs::directory_iterator at{folder_, error}; !error && at != fs::directory_iterator{};
       at.increment(error)) {
    std::error_code ignored;
    if (at->path().extension() == ".json")
      load_note(at->path().string());
    else if (at->is_directory(ignored))
      fs::remove_all(at->path(), ignored);
  }
  if (error) spdlog::error("films of pages: {}: {}", folder_, error.message());
  forget_oldest();
}

void RenderDesk::load_note(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  auto info = read_render_note(text.str());
  if (!info || path != note_of(info->id)) return;
  last_id_ = std::max(last_id_, info->id);
  Job& job = jobs_[info->id];
  job.info = *std::move(info);
  if (job.over()) return;
  // The recorder may have taken its film before.
  const std::string& id = job.info.recording;
  struct stat facts {};
  if (!id.empty() && (::stat(recording_path(config_.record_dir, id).c_str(), &facts) == 0 ||
                      ::stat(part_path(config_.record_dir, id).c_str(), &facts) == 0)) {
    job.info.state = RenderState::done;
    job.info.bytes = static_cast<std::uint64_t>(facts.st_size);
    return end(job);
  }
  fail_job(job, kInterrupted, "the server ended meanwhile");
}

Result<std::string> RenderDesk::begin(const std::string& body) {
  ASSIGN_OR_RETURN(RenderWish wish, read_render_wish(body, config_));
  const auto waiting =
      static_cast<std::size_t>(std::count_if(jobs_.begin(), jobs_.end(), [](const auto& each) {
        return each.second.info.state == RenderState::queued;
      }));
  if (waiting >= config_.render_queue)
    return fail(Errc::limit_exceeded,
                fmt::format("{} films wait already, which is the server's limit (--render-queue)",
                            waiting));
  // Seconds since 1970, or the next one: no id is ever another film's, whatever was forgotten.
  const std::int64_t now_ms = wall_clock_us() / 1000;
  last_id_ = std::max(last_id_ + 1, static_cast<std::uint64_t>(now_ms / 1000));
  Job job;
  job.info = std::move(wish.info);
  job.info.id = last_id_;
  job.info.asked_ms = now_ms;
  job.arguments = std::move(wish.arguments);
  if (auto written = write_files(wish, job); !written) {
    std::error_code ignored;
    fs::remove_all(folder_of(last_id_), ignored);
    return tl::make_unexpected(written.error());
  }
  keep(job);
  spdlog::info("film {}: ordered{}{}", job.info.id, job.info.page.empty() ? "" : ", of ",
               job.info.page);
  return render_json(jobs_.emplace(last_id_, std::move(job)).first->second.info);
}

Result<void> RenderDesk::write_files(const RenderWish& wish, Job& to) const {
  const std::string folder = folder_of(to.info.id);
  const auto write = [](const std::string& path, std::string_view text) -> Result<void> {
    int error = make_folders_for(path);
    if (error == 0) error = replace_file(path, as_bytes(text));
    if (error != 0) return fail(Errc::internal, disk_error(error, "writing", path).what);
    return {};
  };
  to.page = wish.url.empty() ? folder + "/page.html" : wish.url;
  RETURN_IF_ERROR(write(folder + "/page.html", wish.html));  // the folder, in any case
  if (!wish.props.empty()) {
    RETURN_IF_ERROR(write(folder + "/props.json", wish.props));
    to.arguments.push_back("--props=" + folder + "/props.json");
  }
  if (!wish.sound.empty()) {
    RETURN_IF_ERROR(write(folder + "/sound", wish.sound));
    to.arguments.push_back("--audio=" + folder + "/sound");
  } else if (!wish.sound_of.empty()) {
    to.arguments.push_back("--audio=" + recording_path(config_.record_dir, wish.sound_of));
  }
  return {};
}

void RenderDesk::start_waiting() {
  auto running = static_cast<std::size_t>(std::count_if(
      jobs_.begin(), jobs_.end(), [](const auto& each) { return each.second.run != nullptr; }));
  for (auto& [id, job] : jobs_) {
    if (running >= config_.render_jobs) return;
    if (job.info.state != RenderState::queued) continue;
    start(job);
    running += job.run ? 1 : 0;
  }
}

void RenderDesk::start(Job& job) {
  job.info.state = RenderState::running;
  job.info.begun_ms = wall_clock_us() / 1000;
  auto started = RenderRun::start({.program = program_,
                                   .page = job.page,
                                   .film = film_of(job),
                                   .arguments = job.arguments,
                                   .deadline = Clock::now() + config_.render_time,
                                   .most_bytes = config_.render_bytes});
  if (!started) return fail_job(job, "crashed", started.error().what);
  job.run = *std::move(started);
  keep(job);
  spdlog::info("film {}: begun", job.info.id);
}

void RenderDesk::look_at_runs() {
  const Time now = Clock::now();
  for (auto& [id, job] : jobs_) {
    if (!job.run) continue;
    job.run->read(job.info);
    job.run->look(now);
    if (!job.run->take_end(job.info)) continue;
    job.run.reset();
    if (job.info.state == RenderState::running)
      move_film(job);
    else
      end(job);
  }
  forget_oldest();
}

void RenderDesk::move_film(Job& job) {
  RecordingInfo film;
  film.id = fmt::format("{}/{}.{}", kStream, job.info.id, job.info.format);
  film.stream = kStream;
  film.title = job.info.title;
  film.began_ms = job.info.begun_ms;
  film.frames = job.info.frames;
  film.width = job.info.width;
  if (job.info.fps > 0)
    film.duration_ms = std::llround(static_cast<double>(job.info.frames) * 1000 / job.info.fps);
  film.height = job.info.height;
  job.info.recording = film.id;
  job.moves = true;
  keep(job);
  recorder_.adopt(std::move(film), film_of(job), [this, id = job.info.id](const Finalised& made) {
    const bool moved = made.outcome == Finalised::Outcome::done;
    post(
        [this, id, moved, bytes = made.info.bytes,
         why = made.error ? made.error->what : std::string{}] { on_moved(id, moved, bytes, why); });
  });
}

void RenderDesk::on_moved(std::uint64_t id, bool moved, std::uint64_t bytes,
                          const std::string& why) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return;
  Job& job = found->second;
  job.moves = false;
  if (!moved) return fail_job(job, "disk", why);
  job.info.state = RenderState::done;
  job.info.bytes = bytes;
  end(job);
}

void RenderDesk::fail_job(Job& job, std::string code, std::string why) {
  job.info.state = RenderState::failed;
  job.info.error_code = std::move(code);
  job.info.error = std::move(why);
  end(job);
}

// Done, failed or cancelled: nothing of it is needed any more but what is known of it.
void RenderDesk::end(Job& job) {
  RenderInfo& info = job.info;
  info.ended_ms = wall_clock_us() / 1000;
  info.eta_ms.reset();
  std::error_code ignored;
  fs::remove_all(folder_of(info.id), ignored);
  keep(job);
  spdlog::info("film {}: {}{}{}", info.id, to_string(info.state), info.error.empty() ? "" : ": ",
               info.error);
  if (info.state != RenderState::cancelled) announce_(render_event(info));
}

// ---- what is kept

void RenderDesk::keep(const Job& job) const {
  const std::string path = note_of(job.info.id);
  if (const int error = replace_file(path, as_bytes(render_json(job.info))))
    spdlog::warn("film {}: {}", job.info.id, disk_error(error, "noting", path).what);
}

void RenderDesk::forget(std::uint64_t id) {
  jobs_.erase(id);
  ::unlink(note_of(id).c_str());
}

void RenderDesk::forget_oldest() {
  std::vector<std::uint64_t> over;
  for (const auto& [id, job] : jobs_)
    if (job.over()) over.push_back(id);
  for (std::size_t i = 0; i + config_.render_kept < over.size(); ++i) forget(over[i]);
}

// Their notes stay: the next start tells of them, when there is somebody to be told.
void RenderDesk::interrupt_all() {
  const Time now = Clock::now();
  for (auto& [id, job] : jobs_)
    if (job.run) job.run->stop(now, kInterrupted, "the server ended meanwhile");
  for (auto& [id, job] : jobs_) {
    while (job.run && Clock::now() < now + kStopsWithin) {
      pollfd ended{job.run->end_descriptor(), POLLIN, 0};
      (void)::poll(&ended, 1, static_cast<int>(kLookEvery.count()));
      if (job.run->take_end(job.info)) job.run.reset();
    }
    job.run.reset();
  }
}

std::string RenderDesk::folder_of(std::uint64_t id) const {
  return fmt::format("{}/{}", folder_, id);
}
std::string RenderDesk::note_of(std::uint64_t id) const {
  return fmt::format("{}/{}.json", folder_, id);
}
std::string RenderDesk::film_of(const Job& job) const {
  return fmt::format("{}/film.{}", folder_of(job.info.id), job.info.format);
}

}  // namespace framewire::relay
