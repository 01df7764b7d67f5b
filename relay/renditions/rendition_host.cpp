#include "relay/renditions/rendition_host.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "codec/job.h"
#include "codec/outputs.h"
#include "relay/base/stream_name.h"
#include "relay/child/watchable.h"
#include "relay/renditions/rendition_job.h"

namespace framewire::relay {
namespace {

// A worker that dies sooner than this after its start is not started again before it is over.
constexpr Duration kRestartEvery{200};

// The job that a worker names in its last words, 0 = none.
std::uint64_t guilty_job(const codec::ChildEnd& end) {
  constexpr std::string_view kJob = "job ";
  std::uint64_t number = 0;
  if (end.answer.starts_with(kJob))
    std::from_chars(end.answer.data() + kJob.size(), end.answer.data() + end.answer.size(), number);
  return number;
}

}  // namespace

RenditionHost::RenditionHost(uv_loop_t& loop, Hub& hub) : uv_(loop), hub_(hub) {
  hub.set_rendition_provider(this);
}

RenditionHost::~RenditionHost() {
  hub_.set_rendition_provider(nullptr);
  jobs_.clear();
}

void RenditionHost::request_rendition(const std::string& origin, const std::string& output) {
  const std::string name = derived_name(origin, output);
  if (jobs_.count(name) > 0) {
    again_.insert(name);
    return;
  }
  if (jobs_.size() >= hub_.config().max_derived) {
    spdlog::warn("stream {}: not derived, {} others are, the limit", name, jobs_.size());
    hub_.counters().refused(Refusal::overloaded);
    hub_.not_derived(name);
    return;
  }
  const bool may = may_encode();
  auto& job = jobs_[name];
  job = std::make_unique<RenditionJob>(*this, origin, output);
  if (may || !job->encodes())
    job->start();
  else
    job->start_refused(full_sentence());
}

std::string RenditionHost::full_sentence() const {
  return fmt::format("{} streams are encoded already, the limit of this server",
                     hub_.config().max_transcodes);
}

bool RenditionHost::may_encode() const {
  const auto encoding = std::count_if(jobs_.begin(), jobs_.end(),
                                      [](const auto& entry) { return entry.second->encodes(); });
  return static_cast<std::size_t>(encoding) < hub_.config().max_transcodes;
}

// By people, by other parts of the server, or by a job that is watched itself.
bool RenditionHost::is_watched(const RenditionJob& job) const {
  if (!job.published()) return true;
  std::size_t jobs = 0;
  for (const auto& [name, other] : jobs_) {
    if (other->reads() != job.derived()) continue;
    if (is_watched(*other)) return true;
    ++jobs;
  }
  return hub_.readers_of(job.derived()) > jobs;
}

void RenditionHost::tick() {
  const Time now = hub_.loop().now();
  // A job goes before the one that makes its source: nobody is left there.
  for (const bool from_derived : {true, false})
    for (auto at = jobs_.begin(); at != jobs_.end();) {
      RenditionJob& job = *at->second;
      if (is_derived(job.reads()) == from_derived) job.tick(now, is_watched(job));
      at = job.over() ? jobs_.erase(at) : std::next(at);
    }
  for (const std::string& name : std::exchange(again_, {}))
    if (jobs_.count(name) > 0)
      again_.insert(name);
    else
      hub_.request_rendition(name);
  hub_.counters().derived_now = jobs_.size();
  stop_idle_workers();
}

std::string RenditionHost::worker_of(const RenditionJob& job) {
  const std::string_view output = output_of(job.derived());
  if (codec::output_named(output)->encodes || codec::encodes_pictures(output, Format::png))
    return job.derived();
  return codec::makes_pictures(output) ? "stills" : "copies";
}

bool RenditionHost::enlist(const RenditionJob& job, const codec::JobSpec& spec, int socket) {
  const std::string key = worker_of(job);
  Worker& worker = workers_[key];
  if (!worker.watch && !start_worker(key, worker)) return false;
  const std::string text = to_json(spec);
  iovec part{const_cast<char*>(text.data()), text.size()};
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof socket)] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof space;
  cmsghdr* head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof socket);
  std::memcpy(CMSG_DATA(head), &socket, sizeof socket);
  // A worker that is busy starting has not read its control socket yet: the job tries again.
  return sendmsg(worker.control.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT) > 0;
}

bool RenditionHost::start_worker(const std::string& key, Worker& worker) {
  const Time now = hub_.loop().now();
  if (now < worker.start_from) return false;
  worker.start_from = now + kRestartEvery;
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
    spdlog::error("codec worker: no socket: {}", std::strerror(errno));
    return false;
  }
  const UniqueFd theirs{pair[1]};
  UniqueFd ours{pair[0]};
  if (!watchable(uv_, ours.get())) {
    spdlog::error("codec worker: can't be watched: {}", std::strerror(errno));
    return false;
  }
  auto child = codec::ChildProcess::start({"codec-worker", {}, {theirs.get()}});
  if (!child) {
    spdlog::error("codec worker: {}", child.error().what);
    return false;
  }
  spdlog::info("codec worker {} started for {}", child->pid(), key);
  worker.control = std::move(ours);
  worker.watch = std::make_unique<ChildWatch>(
      uv_, *std::move(child), [this, key](const codec::ChildEnd& end) { on_worker_end(key, end); });
  return true;
}

// By value: the callback that holds the key goes with the watch.
void RenditionHost::on_worker_end(const std::string& name, const codec::ChildEnd& end) {
  const std::string key = name;
  const auto is_its = [&](const auto& entry) { return worker_of(*entry.second) == key; };
  spdlog::error("codec worker {}; its {} jobs begin anew", end.describe(),
                std::count_if(jobs_.begin(), jobs_.end(), is_its));
  ++hub_.counters().codec_worker_deaths;
  const std::uint64_t guilty = guilty_job(end);
  workers_[key].watch.reset();
  workers_[key].control.reset();
  for (auto& entry : jobs_)
    if (is_its(entry)) entry.second->on_worker_end(entry.second->number() == guilty && guilty != 0);
}

void RenditionHost::stop_idle_workers() {
  std::set<std::string> needed;
  for (const auto& [name, job] : jobs_) needed.insert(worker_of(*job));
  std::erase_if(workers_, [&](const auto& entry) {
    if (needed.count(entry.first) > 0) return false;
    if (entry.second.watch)
      spdlog::info("codec worker {} stopped: nobody asks for it",
                   entry.second.watch->child().pid());
    return true;
  });
}

}  // namespace framewire::relay
