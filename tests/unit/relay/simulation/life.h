// What one publisher publishes, over its resumes: messages made up as they are sent, and the parts
// that they hold, cut by a cutter of the simulation's own. Every part's bytes are unique, so a
// checker knows whatever a viewer gets.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "ingest/cut/cutter.h"
#include "tests/unit/relay/simulation/chance.h"

namespace framewire::relay::simulation {

struct KnownPart {
  std::string bytes;
  bool init = false;
  bool group_start = false;
};

class Life final : private PartSink {
 public:
  // big: a message may be so large, bytes.
  Life(std::size_t number, std::string stream, Format format, std::size_t big, Chance& chance);

  const std::size_t number;
  const std::string stream;
  const Format format;

  // From now on messages are so small that any ring holds a group.
  void be_brief() { big_ = 0; }
  // One more message; a group begins with it if there may be one.
  const std::string& add_message(bool group);
  const std::vector<std::string>& messages() const { return messages_; }
  const std::vector<KnownPart>& parts(Rendition rendition) const {
    return parts_[static_cast<std::size_t>(rendition)];
  }
  bool has(Rendition rendition) const { return !parts(rendition).empty(); }

 private:
  void on_epoch(const EpochInfo&) override {}
  void on_part(Rendition rendition, const CutPart& part) override;
  std::string filler();
  std::string webm_message(bool group);

  std::size_t big_;
  Chance& chance_;
  std::vector<std::string> messages_;
  std::vector<KnownPart> parts_[2];
  std::unique_ptr<Cutter> cutter_;
  std::string held_;  // the end of the last message, cut off in the middle of a block
  int ticks_ = 0;     // since the cluster began
  std::uint64_t clusters_ = 0;
  std::size_t made_ = 0;
};

}  // namespace framewire::relay::simulation
