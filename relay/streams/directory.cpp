#include "relay/streams/directory.h"

#include <fmt/format.h>

#include <utility>

#include "relay/base/stream_name.h"

namespace framewire::relay {

void Directory::claim(const Claim& claim) {
  const auto found = entries_.find(claim.stream);
  if (found != entries_.end() && found->second.home) {
    port_.forward_claim(*found->second.home, claim);
    return;
  }
  if (claim.resume_token) {
    port_.refuse_claim(claim, {CloseCode::policy,
                               "resume-unknown",
                               {Errc::refused, "this token resumes nothing here: publish anew"},
                               true});
    return;
  }
  const bool derived = is_derived(claim.stream);
  if (!derived && homes_ >= max_streams_) {
    port_.refuse_claim(
        claim, {CloseCode::try_later,
                "overloaded",
                {Errc::refused, fmt::format("{} streams are published, the limit", max_streams_)}});
    return;
  }
  Entry& entry = entries_[claim.stream];
  entry.home = claim.publisher.loop;
  entry.summary = {};
  entry.summary.name = claim.stream;
  entry.deriving = false;
  entry.claimed = ++claims_;
  if (!derived) ++homes_;
  std::vector<MirrorId> mirrors;
  for (const auto& [loop, number] : entry.watchers)
    if (loop != *entry.home) mirrors.push_back({loop, number});
  port_.open_stream(claim, std::move(mirrors));
  if (!derived) derive_all(claim.stream);
}

// Asks for a rendition that somebody waits for. False: its origin is not there.
bool Directory::request_rendition(const std::string& derived, Entry& entry) {
  const auto origin = entries_.find(std::string{origin_of(derived)});
  if (origin == entries_.end() || !origin->second.home) return false;
  if (std::exchange(entry.deriving, true)) return true;
  entry.derived_from = origin->second.claimed;
  port_.request_rendition(*origin->second.home, derived);
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
  for (const auto& [loop, number] : found->second.watchers) port_.nobody({loop, number}, derived);
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

void Directory::watch(const std::string& stream, MirrorId mirror) {
  Entry& entry = entries_[stream];
  entry.watchers[mirror.loop] = mirror.number;
  if (!entry.home) {
    if (!is_derived(stream) || !request_rendition(stream, entry)) port_.nobody(mirror, stream);
  } else if (*entry.home != mirror.loop) {
    port_.add_mirror(*entry.home, stream, mirror);
  }
}

void Directory::watch_again(const std::string& stream, MirrorId mirror) {
  const auto found = entries_.find(stream);
  if (found != entries_.end() && watches(found->second, mirror)) watch(stream, mirror);
}

void Directory::unwatch(const std::string& stream, MirrorId mirror) {
  const auto found = entries_.find(stream);
  if (found == entries_.end() || !watches(found->second, mirror)) return;
  found->second.watchers.erase(mirror.loop);
  if (found->second.home && *found->second.home != mirror.loop)
    port_.remove_mirror(*found->second.home, stream, mirror);
  forget_if_idle(stream);
}

bool Directory::watches(const Entry& entry, MirrorId mirror) {
  const auto found = entry.watchers.find(mirror.loop);
  return found != entry.watchers.end() && found->second == mirror.number;
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
