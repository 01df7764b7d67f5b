// One `framewire render` that runs: a child process, what it says, and its limits.
// Thread: one, which must outlive it: the child ends with the thread that started it.
// Lifetime: a child that still runs is killed; its browser then ends by itself.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "codec/child_process.h"
#include "ingest/base/unique_fd.h"
#include "relay/base/clock.h"
#include "relay/render/render_info.h"

namespace framewire::relay {

struct RenderRunSpec {
  std::string program;  // the one to start; this one, but in tests
  std::string page;     // a URL, or a file
  std::string film;     // a file to be
  std::vector<std::string> arguments;
  Time deadline{};
  std::uint64_t most_bytes = 0;  // of the film
};

class RenderRun {
 public:
  static Result<std::unique_ptr<RenderRun>> start(RenderRunSpec spec);

  // Readable when there is something to do.
  int said_descriptor() const { return said_.get(); }
  int end_descriptor() const { return child_.end_descriptor(); }
  // Takes what it has said into info.
  void read(RenderInfo& info);
  // Beyond a limit, it is told to end. Now and then.
  void look(Time now);
  // In good order, or killed a moment later. code: "cancelled", "interrupted" ...
  void stop(Time now, std::string code, std::string why);
  // Its end, once: done or failed, and why. False while it runs.
  bool take_end(RenderInfo& info);

 private:
  RenderRun(RenderRunSpec spec, codec::ChildProcess child, UniqueFd said)
      : spec_(std::move(spec)), child_(std::move(child)), said_(std::move(said)) {}
  void take_line(std::string_view line, RenderInfo& info);

  const RenderRunSpec spec_;
  codec::ChildProcess child_;
  UniqueFd said_;
  std::string begun_;      // a line that is not complete
  std::string last_line_;  // of what is no JSON: the reason, where it has no other
  std::string stop_code_;
  std::string stop_why_;
  Time kill_at_{};
};

}  // namespace framewire::relay
