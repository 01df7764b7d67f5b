#include "relay/restream/restream_host.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "relay/base/stream_name.h"
#include "relay/restream/restream_job.h"

namespace framewire::relay {

RestreamHost::RestreamHost(uv_loop_t& loop, Hub& hub) : uv_(loop), hub_(hub) {
  hub.add(*this);
}

RestreamHost::~RestreamHost() {
  hub_.remove(*this);
}

void RestreamHost::on_stream_begin(const std::string& stream) {
  for (const RestreamTarget& target : hub_.config().restreams) {
    if (!matches_stream(target.pattern, stream)) continue;
    const Key key{stream, target.url};
    if (const auto found = jobs_.find(key); found != jobs_.end()) {
      found->second->resume();  // it is saying goodbye for the stream that was
    } else if (jobs_.size() < hub_.config().max_restreams) {
      jobs_[key] = std::make_unique<RestreamJob>(uv_, hub_, target, stream);
    } else {
      hub_.counters().refused(Refusal::overloaded);
      hub_.limit_reached("max-restreams", stream);
      spdlog::warn("stream {}: restream to {}: not begun, {} others are under way, the limit",
                   stream, target.shown, jobs_.size());
    }
  }
}

void RestreamHost::on_stream_end(const std::string& stream) {
  for (auto at = jobs_.lower_bound({stream, ""}); at != jobs_.end() && at->first.first == stream;
       ++at)
    at->second->stop(hub_.loop().now());
}

void RestreamHost::on_config(const std::vector<std::string>& streams) {
  const auto& targets = hub_.config().restreams;
  for (const auto& [key, job] : jobs_) {
    const std::string& stream = key.first;
    const std::string& url = key.second;
    const bool wanted = std::any_of(targets.begin(), targets.end(), [&](const auto& target) {
      return target.url == url && matches_stream(target.pattern, stream);
    });
    if (!wanted) job->stop(hub_.loop().now());
  }
  for (const std::string& stream : streams) on_stream_begin(stream);
}

void RestreamHost::drain() {
  for (const auto& [key, job] : jobs_) job->leave(hub_.loop().now());
}

void RestreamHost::tick() {
  if (jobs_.empty() && told_.empty()) return;
  const Time now = hub_.loop().now();
  for (auto at = jobs_.begin(); at != jobs_.end();) {
    at->second->tick(now);
    at = at->second->over() ? jobs_.erase(at) : std::next(at);
  }
  report();
}

// Each whose state is another one than was told, and each that is gone.
void RestreamHost::announce(const std::vector<RestreamState>& states) {
  const auto tell = [this](const RestreamState& of, std::string_view state) {
    hub_.announce(
        {"restream", of.stream,
         nlohmann::json(
             {{"restream", of.target}, {"to", of.to}, {"state", state}, {"error", of.error}})
             .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)});
  };
  const auto same = [](const RestreamState& of) {
    return [&of](const RestreamState& other) {
      return other.stream == of.stream && other.target == of.target;
    };
  };
  for (const RestreamState& now : states) {
    const auto before = std::find_if(told_.begin(), told_.end(), same(now));
    if (before == told_.end() || before->phase != now.phase) tell(now, to_string(now.phase));
  }
  for (const RestreamState& before : told_)
    if (std::none_of(states.begin(), states.end(), same(before))) tell(before, "ended");
}

void RestreamHost::report() {
  std::vector<RestreamState> states;
  for (const auto& [key, job] : jobs_) states.push_back(job->state());
  if (states == told_) return;
  announce(states);
  told_ = states;
  auto& now = hub_.counters().restreams_now;
  now = {};
  for (const RestreamState& state : states) ++now[static_cast<std::size_t>(state.phase)];
  hub_.bus().to_directory([loop = hub_.index(), states = std::move(states)](Directory& d) {
    d.update_restreams(loop, states);
  });
}

}  // namespace framewire::relay
