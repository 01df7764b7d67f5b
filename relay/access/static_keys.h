// The keys of --publish-key and --watch-key, as rights: a publish key opens `publish`, `record`,
// `manage` and `metrics` of all streams, a watch key `watch`, `talk` and `metrics`. Where there are
// no keys of a kind, and nobody else says who may, everybody has its rights, but for `metrics`,
// which goes with watching, and for `manage`, which only requests of the machine itself have
// (own_machine.h); with --open-watch everybody watches beside tokens. Only SHA-256 digests are kept
// and compared, in constant time: it tells nothing of a key's bytes or length. Answers at once.
// Thread: its loop's. Source: PROTOCOL.md, "URLs".
#pragma once
#include <array>
#include <memory>
#include <vector>

#include "relay/access/authorizer.h"

namespace framewire::relay {

class StaticKeys final : public Authorizer {
 public:
  explicit StaticKeys(const Config& config);

  Reply authorize(const Credentials& credentials, OnAnswer) override;
  const std::shared_ptr<const Principal>& everybody() const override { return everybody_[0]; }
  const std::shared_ptr<const Principal>& everybody_here() const override { return everybody_[1]; }
  std::shared_ptr<const Principal> holder_of(const Digest& key) const override;

 private:
  // For whoever asks from elsewhere, and for the machine itself.
  using Principals = std::array<std::shared_ptr<const Principal>, 2>;
  struct Holder {
    Digest key;
    Principals who;
  };

  Principals everybody_;
  std::vector<Holder> holders_;
};

std::shared_ptr<Authorizer> make_static_keys(const Config& config, Loop& loop);

}  // namespace framewire::relay
