#include "relay/directory.h"

#include <fmt/format.h>

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
  if (homes_ >= max_streams_) {
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
  ++homes_;
  std::vector<unsigned> mirrors;
  for (const unsigned loop : entry.watchers)
    if (loop != *entry.home) mirrors.push_back(loop);
  port_.open_stream(claim, std::move(mirrors));
}

void Directory::release(const std::string& stream) {
  const auto found = entries_.find(stream);
  if (found == entries_.end() || !found->second.home) return;
  found->second.home.reset();
  --homes_;
  forget_if_idle(stream);
}

void Directory::watch(const std::string& stream, unsigned loop) {
  Entry& entry = entries_[stream];
  entry.watchers.insert(loop);
  if (!entry.home) {
    port_.nobody(loop, stream);
  } else if (*entry.home != loop) {
    port_.add_mirror(*entry.home, stream, loop);
  }
}

void Directory::unwatch(const std::string& stream, unsigned loop) {
  const auto found = entries_.find(stream);
  if (found == entries_.end()) return;
  found->second.watchers.erase(loop);
  if (found->second.home && *found->second.home != loop)
    port_.remove_mirror(*found->second.home, stream, loop);
  forget_if_idle(stream);
}

void Directory::update(StreamSummary summary) {
  const auto found = entries_.find(summary.name);
  if (found != entries_.end() && found->second.home) found->second.summary = std::move(summary);
}

std::optional<unsigned> Directory::home(const std::string& stream) const {
  const auto found = entries_.find(stream);
  return found == entries_.end() ? std::nullopt : found->second.home;
}

std::vector<StreamSummary> Directory::summaries() const {
  std::vector<StreamSummary> out;
  for (const auto& [name, entry] : entries_)
    if (entry.home) out.push_back(entry.summary);
  return out;
}

void Directory::forget_if_idle(const std::string& stream) {
  const auto found = entries_.find(stream);
  if (found != entries_.end() && !found->second.home && found->second.watchers.empty())
    entries_.erase(found);
}

}  // namespace framewire::relay
