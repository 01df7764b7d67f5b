// A connection that is tried again and again: said once, then counted. Thread: one.
#pragma once
#include <fmt/format.h>

#include <chrono>
#include <string>

#include "tools/base/option_values.h"
#include "tools/base/progress_line.h"

namespace framewire::cli {

class Tries {
 public:
  explicit Tries(ProgressLine& line) : line_(line) {}

  // One has failed, another follows; `how_long`: until nobody tries any more.
  void again(const std::string& why, std::chrono::milliseconds how_long) {
    if (++failed_ == 1)
      line_.say(fmt::format("{}; trying again for {}", why, format_duration(how_long)));
    else
      line_.show_waiting(fmt::format("{} tries", failed_));
  }
  // It is there.
  void over() { failed_ = 0; }
  // What to say when the last one has failed.
  std::string told(const std::string& why) const {
    return failed_ == 0 ? why : fmt::format("{} ({} tries)", why, failed_ + 1);
  }

 private:
  ProgressLine& line_;
  unsigned failed_ = 0;
};

}  // namespace framewire::cli
