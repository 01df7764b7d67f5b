#include "relay/server/codec_host.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <charconv>
#include <cstring>

#include "codec/job.h"
#include "relay/server/codec_job.h"

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

CodecHost::CodecHost(uv_loop_t& loop, Hub& hub) : uv_(loop), hub_(hub) {
  hub.set_deriver(this);
}

CodecHost::~CodecHost() {
  hub_.set_deriver(nullptr);
  jobs_.clear();
}

void CodecHost::derive(const std::string& origin, const std::string& output) {
  const std::string name = derived_name(origin, output);
  if (jobs_.count(name) > 0) return;  // on its way out: the directory asks again once it is
  if (jobs_.size() >= hub_.config().max_derived) {
    spdlog::warn("stream {}: not derived, {} others are, the limit", name, jobs_.size());
    hub_.counters().refused(Refusal::overloaded);
    hub_.not_derived(name);
    return;
  }
  auto& job = jobs_[name];
  job = std::make_unique<CodecJob>(*this, origin, output);
  job->start();
}

void CodecHost::tick() {
  for (auto at = jobs_.begin(); at != jobs_.end();) {
    at->second->tick(hub_.loop().now());
    at = at->second->over() ? jobs_.erase(at) : std::next(at);
  }
  hub_.counters().derived_now = jobs_.size();
  if (jobs_.empty()) stop_worker();
}

bool CodecHost::enlist(const codec::JobSpec& job, int socket) {
  if (!worker_ && !start_worker()) return false;
  const std::string text = to_json(job);
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
  return sendmsg(control_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT) > 0;
}

bool CodecHost::start_worker() {
  const Time now = hub_.loop().now();
  if (now < start_from_) return false;
  start_from_ = now + kRestartEvery;
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
    spdlog::error("codec worker: no socket: {}", std::strerror(errno));
    return false;
  }
  const codec::UniqueFd theirs{pair[1]};
  codec::UniqueFd ours{pair[0]};
  auto child = codec::ChildProcess::start({"codec-worker", {}, {theirs.get()}});
  if (!child) {
    spdlog::error("codec worker: {}", child.error().what);
    return false;
  }
  spdlog::info("codec worker {} started", child->pid());
  control_ = std::move(ours);
  worker_ = std::make_unique<ChildWatch>(
      uv_, *std::move(child), [this](const codec::ChildEnd& end) { on_worker_end(end); });
  return true;
}

void CodecHost::on_worker_end(const codec::ChildEnd& end) {
  spdlog::error("codec worker {}; its {} jobs begin anew", end.describe(), jobs_.size());
  ++hub_.counters().codec_worker_deaths;
  worker_.reset();
  control_.reset();
  const std::uint64_t guilty = guilty_job(end);
  for (auto& [name, job] : jobs_) job->on_worker_end(job->number() == guilty && guilty != 0);
}

void CodecHost::stop_worker() {
  if (!worker_) return;
  spdlog::info("codec worker {} stopped: nobody asks for it", worker_->child().pid());
  control_.reset();
  worker_.reset();
  start_from_ = {};
}

}  // namespace framewire::relay
