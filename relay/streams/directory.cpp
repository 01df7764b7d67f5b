#include "relay/streams/directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "relay/base/stream_name.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kMostClaiming = 16;  // publishers that want one name at the same time

CloseReason taken(const std::string& stream, const std::string& url) {
  return {
      CloseCode::policy,
      "stream-taken",
      {Errc::refused, url.empty() ? fmt::format("stream {} has a publisher", stream)
                                  : fmt::format("stream {} has a publisher, at {}", stream, url)}};
}

}  // namespace

void Directory::request(const PublishRequest& request) {
  const auto found = entries_.find(request.stream);
  const bool from_link = request.framing == PublishFraming::link;
  const bool here = found != entries_.end() && found->second.home.has_value();
  if (here && (from_link || !found->second.linked)) {
    delegate_.forward_request(*found->second.home, request);
    return;
  }
  if (request.resume_token) {
    delegate_.refuse_request(request,
                             {CloseCode::policy,
                              "resume-unknown",
                              {Errc::refused, "this token resumes nothing here: publish anew"},
                              true});
    return;
  }
  const bool derived = is_derived(request.stream);
  if (!derived && !here && homes_ >= max_streams_) {
    delegate_.refuse_request(
        request,
        {CloseCode::try_later,
         "overloaded",
         {Errc::refused, fmt::format("{} streams are published, the limit", max_streams_)}});
    return;
  }
  if (neighbours_ && !derived && !from_link)
    claim(entries_[request.stream], request);
  else
    open(request);
}

// The name is asked for once, whoever waits for the answer.
void Directory::claim(Entry& entry, const PublishRequest& request) {
  if (entry.claiming.size() + entry.granted.size() >= kMostClaiming) {
    delegate_.refuse_request(request, taken(request.stream, ""));
    return;
  }
  entry.claiming.push_back(request);
  if (entry.claiming.size() == 1) neighbours_->claim(request.stream, request.hello.replaces);
}

void Directory::claimed(const std::string& stream, bool won, const std::string& url) {
  const auto found = entries_.find(stream);
  if (found == entries_.end() || found->second.claiming.empty()) {
    if (won) neighbours_->release(stream);
    return;
  }
  Entry& entry = found->second;
  auto waiting = std::exchange(entry.claiming, {});
  if (!won) {
    for (const PublishRequest& request : waiting)
      delegate_.refuse_request(request, taken(stream, url));
    forget_if_idle(stream);
  } else if (entry.home) {  // by a link, which is to end first
    entry.granted = std::move(waiting);
    neighbours_->unlink(stream, *entry.home);
  } else {
    open_all(std::move(waiting));
  }
}

// The first has it; what becomes of the others its home knows.
void Directory::open_all(std::vector<PublishRequest> requests) {
  open(requests.front());
  for (std::size_t i = 1; i < requests.size(); ++i) request(requests[i]);
}

void Directory::open(const PublishRequest& request) {
  const bool derived = is_derived(request.stream);
  Entry& entry = entries_[request.stream];
  entry.home = request.publisher.loop;
  entry.linked = request.framing == PublishFraming::link;
  entry.summary = {};
  entry.summary.name = request.stream;
  entry.deriving = false;
  entry.claimed = ++claims_;
  if (!derived) ++homes_;
  std::vector<LocalStreamId> local_streams;
  for (const auto& [loop, number] : entry.watchers)
    if (loop != *entry.home) local_streams.push_back({loop, number});
  delegate_.open_stream(request, std::move(local_streams));
  if (!derived) derive_all(request.stream);
}

// ---- what other servers have

// True: somebody reads it here, and it is on its way from another server.
bool Directory::fetch(const std::string& stream, const Entry& entry) {
  return neighbours_ && !entry.watchers.empty() && entry.claiming.empty() &&
         entry.granted.empty() &&
         neighbours_->fetch(std::string{origin_of(stream)}, entry.watchers.begin()->first);
}

void Directory::appeared(const std::string& stream) {
  if (const auto origin = entries_.find(stream);
      origin != entries_.end() && (origin->second.home || fetch(stream, origin->second)))
    return;
  const std::string prefix = derived_name(stream, "");
  for (auto at = entries_.lower_bound(prefix);
       at != entries_.end() && at->first.starts_with(prefix); ++at)
    if (fetch(at->first, at->second)) return;
}

void Directory::not_elsewhere(const std::string& stream) {
  nobody_has(stream);
  const std::string prefix = derived_name(stream, "");
  for (auto at = entries_.lower_bound(prefix);
       at != entries_.end() && at->first.starts_with(prefix); ++at)
    nobody_has(at->first);
}

void Directory::nobody_has(const std::string& stream) {
  const auto found = entries_.find(stream);
  if (found == entries_.end() || found->second.home) return;
  for (const auto& [loop, number] : found->second.watchers)
    delegate_.nobody({loop, number}, stream);
}

// ---- renditions

// Asks for a rendition that somebody waits for. False: its origin is not there.
bool Directory::request_rendition(const std::string& derived, Entry& entry) {
  const auto origin = entries_.find(std::string{origin_of(derived)});
  if (origin == entries_.end() || !origin->second.home) return false;
  if (std::exchange(entry.deriving, true)) return true;
  entry.derived_from = origin->second.claimed;
  delegate_.request_rendition(*origin->second.home, derived);
  return true;
}

void Directory::derive_all(const std::string& origin) {
  const std::string prefix = derived_name(origin, "");
  for (auto at = entries_.lower_bound(prefix);
       at != entries_.end() && at->first.starts_with(prefix); ++at)
    if (!at->second.home && !at->second.watchers.empty()) request_rendition(at->first, at->second);
}

void Directory::not_derived(const std::string& derived) {
  const auto found = entries_.find(derived);
  if (found == entries_.end() || found->second.home) return;
  found->second.deriving = false;
  // Its origin ended while the provider was asked, and has begun again.
  const auto origin = entries_.find(std::string{origin_of(derived)});
  if (origin != entries_.end() && origin->second.home &&
      origin->second.claimed != found->second.derived_from && !found->second.watchers.empty()) {
    request_rendition(derived, found->second);
    return;
  }
  for (const auto& [loop, number] : found->second.watchers)
    delegate_.nobody({loop, number}, derived);
}

void Directory::release(const std::string& stream) {
  const auto found = entries_.find(stream);
  if (found == entries_.end() || !found->second.home) return;
  Entry& entry = found->second;
  const unsigned home = *entry.home;
  entry.home.reset();
  const bool linked = std::exchange(entry.linked, false);
  // Somebody came while it was being given up. The home watches each stream of its own; it asks
  // itself (Hub::end_streams).
  const bool watched_elsewhere = entry.watchers.size() > entry.watchers.count(home);
  if (is_derived(stream)) {
    if (watched_elsewhere) request_rendition(stream, entry);
  } else {
    --homes_;
    if (!entry.granted.empty()) return open_all(std::exchange(entry.granted, {}));
    if (neighbours_ && !linked) neighbours_->release(stream);
    if (watched_elsewhere) fetch(stream, entry);
  }
  forget_if_idle(stream);
}

void Directory::watch(const std::string& stream, LocalStreamId local_stream) {
  Entry& entry = entries_[stream];
  entry.watchers[local_stream.loop] = local_stream.number;
  if (entry.home) {
    if (*entry.home != local_stream.loop)
      delegate_.add_local_stream(*entry.home, stream, local_stream);
    return;
  }
  if (is_derived(stream) && request_rendition(stream, entry)) return;
  if (!fetch(stream, entry)) delegate_.nobody(local_stream, stream);
}

void Directory::watch_again(const std::string& stream, LocalStreamId local_stream) {
  const auto found = entries_.find(stream);
  if (found != entries_.end() && watches(found->second, local_stream)) watch(stream, local_stream);
}

void Directory::unwatch(const std::string& stream, LocalStreamId local_stream) {
  const auto found = entries_.find(stream);
  if (found == entries_.end() || !watches(found->second, local_stream)) return;
  found->second.watchers.erase(local_stream.loop);
  if (found->second.home && *found->second.home != local_stream.loop)
    delegate_.remove_local_stream(*found->second.home, stream, local_stream);
  forget_if_idle(stream);
}

bool Directory::watches(const Entry& entry, LocalStreamId local_stream) {
  const auto found = entry.watchers.find(local_stream.loop);
  return found != entry.watchers.end() && found->second == local_stream.number;
}

void Directory::update(StreamSummary summary) {
  const auto found = entries_.find(summary.name);
  if (found == entries_.end() || !found->second.home) return;
  if (neighbours_ && !found->second.linked && !is_derived(summary.name))
    neighbours_->update(summary);
  found->second.summary = std::move(summary);
}

void Directory::update_restreams(unsigned loop, std::vector<RestreamState> states) {
  restreams_[loop] = std::move(states);
}

std::optional<unsigned> Directory::home(const std::string& stream) const {
  const auto found = entries_.find(stream);
  return found == entries_.end() ? std::nullopt : found->second.home;
}

bool Directory::is_linked(const std::string& stream) const {
  const auto found = entries_.find(stream);
  return found != entries_.end() && found->second.home && found->second.linked;
}

std::optional<StreamSummary> Directory::summary(const std::string& stream) const {
  const auto found = entries_.find(stream);
  if (found != entries_.end() && found->second.home && !found->second.linked)
    return found->second.summary;
  return neighbours_ ? neighbours_->summary(stream) : std::nullopt;
}

std::vector<StreamSummary> Directory::summaries() const {
  std::vector<StreamSummary> out;
  for (const auto& [name, entry] : entries_) {
    if (!entry.home || entry.linked || is_derived(name)) continue;
    out.push_back(entry.summary);
    if (const auto told = restreams_.find(*entry.home); told != restreams_.end())
      for (const RestreamState& state : told->second)
        if (state.stream == name) out.back().restreams.push_back(state);
  }
  if (!neighbours_) return out;
  for (StreamSummary& theirs : neighbours_->summaries())
    if (const auto at = home(theirs.name); !at || is_linked(theirs.name))
      out.push_back(std::move(theirs));
  std::sort(out.begin(), out.end(),
            [](const StreamSummary& a, const StreamSummary& b) { return a.name < b.name; });
  return out;
}

void Directory::forget_if_idle(const std::string& stream) {
  const auto found = entries_.find(stream);
  if (found != entries_.end() && found->second.idle()) entries_.erase(found);
}

}  // namespace framewire::relay
