// One line on a terminal that says how far a command is; nothing where stderr is no terminal.
// Thread: one.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace framewire::cli {

class ProgressLine {
 public:
  ProgressLine(std::string name, bool quiet);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void add(std::size_t bytes) { bytes_ += bytes; }
  // So many are sent again from here on.
  void take_back(std::size_t bytes) { bytes_ -= bytes; }
  // media: how much of it has passed; drawn at most twice a second. more: what else is known.
  void show(std::chrono::microseconds media, const std::string& more = "");
  // In place of the line; not kept, and nothing where stderr is no terminal.
  void show_waiting(const std::string& sentence);
  bool shown() const { return shown_; }
  // A sentence of its own, on a terminal or not.
  void say(const std::string& sentence);
  std::uint64_t bytes() const { return bytes_; }

 private:
  void clear();

  const std::string name_;
  const bool shown_;
  bool drawn_ = false;
  std::uint64_t bytes_ = 0;
  std::uint64_t drawn_bytes_ = 0;
  std::chrono::steady_clock::time_point drawn_at_{};
};

}  // namespace framewire::cli
