// The keys of --publish-key and --watch-key, as rights: a publish key opens `publish`, `record`,
// `manage` and `metrics` of all streams, a watch key `watch`, `talk` and `metrics`. Where there are
// no keys of a kind, and nobody else says who may, everybody has its rights, but for `metrics`,
// which goes with watching; with --open-watch everybody watches beside tokens. Answers at once, in
// a time that tells nothing of the keys. Thread: its loop's. Source: PROTOCOL.md, "URLs".
#pragma once
#include <array>
#include <memory>

#include "relay/access/auth.h"
#include "relay/access/authorizer.h"

namespace framewire::relay {

class StaticKeys final : public Authorizer {
 public:
  explicit StaticKeys(const Config& config);

  Reply authorize(const Credentials& credentials, OnAnswer) override;
  const std::shared_ptr<const Principal>& everybody() const override { return principals_[0]; }

 private:
  KeyRing publish_keys_;
  KeyRing watch_keys_;
  std::array<std::shared_ptr<const Principal>, 4> principals_;  // by the kinds that a key opens
};

std::shared_ptr<Authorizer> make_static_keys(const Config& config, Loop& loop);

}  // namespace framewire::relay
