#include "relay/streams/directory.h"

#include <fmt/format.h>

#include <utility>

#include "relay/base/stream_name.h"

namespace framewire::relay {

void Directory::request(const PublishRequest& request) {
  const auto found = entries_.find(request.stream);
  if (found != entries_.end() && found->second.home) {
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
  if (!derived && homes_ >= max_streams_) {
    delegate_.refuse_request(
        request,
        {CloseCode::try_later,
         "overloaded",
         {Errc::refused, fmt::format("{} streams are published, the limit", max_streams_)}});
    return;
  }
  Entry& entry = entries_[request.stream];
  entry.home = request.publisher.loop;
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
  const unsigned home = *found->second.home;
  found->second.home.reset();
  if (!is_derived(stream)) --homes_;
  // Somebody came while it was being given up. The home watches each stream of its own; it asks
  // itself (Hub::end_streams).
  else if (found->second.watchers.size() > found->second.watchers.count(home))
    request_rendition(stream, found->second);
  forget_if_idle(stream);
}

void Directory::watch(const std::string& stream, LocalStreamId local_stream) {
  Entry& entry = entries_[stream];
  entry.watchers[local_stream.loop] = local_stream.number;
  if (!entry.home) {
    if (!is_derived(stream) || !request_rendition(stream, entry))
      delegate_.nobody(local_stream, stream);
  } else if (*entry.home != local_stream.loop) {
    delegate_.add_local_stream(*entry.home, stream, local_stream);
  }
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
  if (found != entries_.end() && found->second.home) found->second.summary = std::move(summary);
}

void Directory::update_restreams(unsigned loop, std::vector<RestreamState> states) {
  restreams_[loop] = std::move(states);
}

std::optional<unsigned> Directory::home(const std::string& stream) const {
  const auto found = entries_.find(stream);
  return found == entries_.end() ? std::nullopt : found->second.home;
}

std::optional<StreamSummary> Directory::summary(const std::string& stream) const {
  const auto found = entries_.find(stream);
  if (found == entries_.end() || !found->second.home) return std::nullopt;
  return found->second.summary;
}

std::vector<StreamSummary> Directory::summaries() const {
  std::vector<StreamSummary> out;
  for (const auto& [name, entry] : entries_) {
    if (!entry.home || is_derived(name)) continue;
    out.push_back(entry.summary);
    if (const auto told = restreams_.find(*entry.home); told != restreams_.end())
      for (const RestreamState& state : told->second)
        if (state.stream == name) out.back().restreams.push_back(state);
  }
  return out;
}

void Directory::forget_if_idle(const std::string& stream) {
  const auto found = entries_.find(stream);
  if (found != entries_.end() && !found->second.home && found->second.watchers.empty())
    entries_.erase(found);
}

}  // namespace framewire::relay
