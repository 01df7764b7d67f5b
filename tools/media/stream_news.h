// What the server says of the stream that is published: asked of its API now and then, beside the
// upload, without waiting. Thread: one.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tools/base/http_transfer.h"

namespace framewire::cli {

struct News {
  bool known = false;  // the server has answered
  bool live = false;   // and says that somebody publishes the stream
  std::optional<std::uint64_t> viewers{};
};
// An answer of /api/v1/streams/NAME. Not known: it is not a framewire server's, or does not say.
News read_news(long status, const std::string& body);

class StreamNews {
 public:
  // url: the stream's JSON (LiveUrl::describe()).
  StreamNews(const std::string& url, const HttpAccess& access);
  ~StreamNews();
  StreamNews(const StreamNews&) = delete;
  StreamNews& operator=(const StreamNews&) = delete;

  // Goes on asking, so often; what the last answer said.
  const News& now(std::chrono::milliseconds every);
  // What is known comes from questions that are asked from here on.
  void forget();

 private:
  struct Handles;
  void ask();

  std::unique_ptr<Handles> handles_;
  std::string answer_;
  bool asking_ = false;
  std::chrono::steady_clock::time_point asked_{};
  News news_;
};

}  // namespace framewire::cli
