// How many watch what is published, for the progress line: asked of the server's API now and then,
// beside the upload, without waiting. Thread: one.
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "tools/base/http_transfer.h"

namespace framewire::cli {

class ViewerCount {
 public:
  // url: the stream's JSON (LiveUrl::describe()).
  ViewerCount(std::string url, HttpAccess access);
  ~ViewerCount();
  ViewerCount(const ViewerCount&) = delete;
  ViewerCount& operator=(const ViewerCount&) = delete;

  // Goes on asking; what is known by now. Nothing: nobody has told.
  std::optional<std::uint64_t> now();

 private:
  struct Handles;
  void ask();
  void read_answer();

  const std::string url_;
  const HttpAccess access_;
  std::unique_ptr<Handles> handles_;
  std::string answer_;
  bool asking_ = false;
  std::chrono::steady_clock::time_point asked_{};
  std::optional<std::uint64_t> known_;
};

}  // namespace framewire::cli
