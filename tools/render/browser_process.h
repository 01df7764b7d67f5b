// The machine's Chromium, without a window, spoken to through a pipe: no port is opened. It has a
// profile of its own, which is gone with it, and a process group of its own: Ctrl-C is ours.
// Thread: one. Lifetime: the process and all of its children end with the object.
// Errors: kExitNotFound, there is none; kExitDisk, no room for the profile; kExitFailed.
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "ingest/base/unique_fd.h"
#include "tools/render/render_options.h"

namespace framewire::cli {

// Its path: the one that is named, or the first of the usual names in PATH.
Rendered<std::string> find_chromium(const std::string& named);

struct BrowserSpec {
  std::string path;
  bool gpu = false;                // the graphics card draws, not the processor
  bool files = false;              // pages of files may read other files, as those of servers may
  bool isolated = false;           // isolation.h
  std::vector<std::string> reach;  // then
};

class BrowserProcess {
 public:
  static Rendered<BrowserProcess> start(const BrowserSpec& spec);
  BrowserProcess(BrowserProcess&& other) noexcept;
  BrowserProcess& operator=(BrowserProcess&& other) noexcept;
  ~BrowserProcess();

  int writes() const { return to_.get(); }
  int reads() const { return from_.get(); }
  // The last of what it wrote to stderr, a line: why it ended.
  std::string last_words() const;

 private:
  BrowserProcess() = default;
  void end() noexcept;

  pid_t pid_ = -1;
  std::string profile_;
  UniqueFd to_;
  UniqueFd from_;
};

}  // namespace framewire::cli
