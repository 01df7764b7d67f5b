#include "relay/hls/host.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace framewire::relay::hls {

Host& Host::host_of(const std::string& stream) const {
  return *all_[std::hash<std::string>{}(stream) % all_.size()];
}

void Host::request(Request request, Respond respond) {
  Host& host = host_of(request.stream);
  const LoopBus& bus = hub_.bus();
  bus.to_hub(host.hub_.index(), [&host, &bus, back = hub_.index(), request = std::move(request),
                                 respond = std::move(respond)](Hub&) mutable {
    host.handle(std::move(request),
                [&bus, back, respond = std::move(respond)](const Response& given) {
                  bus.to_hub(back, [respond, given](Hub&) { respond(given); });
                });
  });
}

void Host::cancel_request(const std::string& stream, std::uint64_t number) {
  Host& host = host_of(stream);
  hub_.bus().to_hub(host.hub_.index(), [&host, stream, id = RequestId{hub_.index(), number}](Hub&) {
    host.cancel(stream, id);
  });
}

void Host::handle(Request request, Respond respond) {
  const auto found = channels_.find(request.stream);
  if (found != channels_.end())
    return found->second->handle(std::move(request), std::move(respond));
  const auto refuse = [&](Refusal why, std::string message) {
    Response out;
    out.refused = why;
    out.message = std::move(message);
    respond(std::move(out));
  };
  // Whoever begins to watch asks for a playlist.
  if (request.file.kind != File::Kind::index && request.file.kind != File::Kind::media)
    return refuse(Refusal::not_found, fmt::format("there is no HLS of {} now", request.stream));
  if (!has_room())
    return refuse(Refusal::overloaded,
                  fmt::format("HLS of {} streams is made, the limit", hub_.config().max_derived));
  auto& channel = channels_[request.stream];
  channel = std::make_unique<Channel>(hub_, request.stream, free_number_);
  channel->start();
  channel->handle(std::move(request), std::move(respond));
}

// Those of streams that are not there take nobody's place; each has a request that waits, and they
// have the limit of these. They are many then, and not counted for each request.
bool Host::has_room() {
  constexpr Duration kCountEvery{10};
  const Config& config = hub_.config();
  if (channels_.size() < config.max_derived) return true;
  if (const Time now = hub_.loop().now(); now - counted_ >= kCountEvery) {
    counted_ = now;
    in_vain_ = static_cast<std::size_t>(
        std::count_if(channels_.begin(), channels_.end(),
                      [](const auto& entry) { return entry.second->in_vain(); }));
  }
  const std::size_t made = channels_.size() - std::min(in_vain_, channels_.size());
  return made < config.max_derived && in_vain_ < config.max_hls_waiting;
}

void Host::cancel(const std::string& stream, const RequestId& id) {
  const auto found = channels_.find(stream);
  if (found != channels_.end()) found->second->cancel(id);
}

void Host::tick() {
  LoopCounters& counters = hub_.counters();
  counters.hls_waiting_now = counters.hls_bytes_now = counters.hls_viewers_now = 0;
  for (auto at = channels_.begin(); at != channels_.end();) {
    at->second->tick(hub_.loop().now());
    counters.hls_waiting_now += at->second->waiting();
    counters.hls_bytes_now += at->second->bytes();
    counters.hls_viewers_now += at->second->viewers();
    if (!at->second->over()) {
      ++at;
      continue;
    }
    free_number_ = std::max(free_number_, at->second->next_number());
    at = channels_.erase(at);
  }
  counters.hls_now = channels_.size();
}

}  // namespace framewire::relay::hls
