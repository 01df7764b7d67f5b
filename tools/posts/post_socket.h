// A framewire.v1 connection by plain HTTP, from the client's side, by libcurl: one GET whose body
// does not end brings the server's frames, POSTs one after another, each at most as long as the
// server says, take ours. A POST whose answer was lost is sent again as it was, and counts once.
// Thread: one, that of the command. Errors: end(), a sentence that holds no key.
// Source: PROTOCOL.md, "Without WebSockets".
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "tools/base/http_handle.h"
#include "tools/posts/server_frames.h"

namespace framewire::cli {

// How it was opened, or not, or lost.
struct PostSocketEnd {
  std::string error;
  long status = 0;    // of the GET, if that is why
  bool lost = false;  // worth another one
};

class PostSocket {
 public:
  // url: of the WebSocket, http or https.
  PostSocket(const std::string& url, const HttpAccess& access);
  ~PostSocket();
  PostSocket(const PostSocket&) = delete;
  PostSocket& operator=(const PostSocket&) = delete;

  // The server has said where to send to.
  bool open() const { return !token_.empty(); }
  // Client's frames, sent in order once it is open.
  void send(Buffer frames);
  std::size_t unsent() const { return waiting_.size() + posted_.size(); }
  // Whether the answer to a POST is awaited, or bytes wait for the next.
  bool idle() const { return unsent() == 0; }

  // Goes on with what can be done without waiting for longer than this, or until `readable` is.
  void turn(std::chrono::milliseconds wait, std::optional<int> readable);
  // The server's next frame; good until the next call of turn(). nullopt: none yet, or no more.
  std::optional<WsFrame> next();
  const std::optional<PostSocketEnd>& end() const { return end_; }

 private:
  using Clock = std::chrono::steady_clock;
  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self);
  void post();
  void start_post();
  void get_ended(CURLcode result);
  void post_ended(CURLcode result);
  void read_opening(Bytes text);
  void fail_with(std::string error, bool lost, long status = 0);

  const std::string url_;
  HttpHandle get_;
  HttpHandle post_;
  MultiHandle multi_;
  ServerFrames frames_;
  std::string refusal_;  // the body of a status that is no good
  std::string token_;
  std::size_t post_bytes_ = 0;  // at most in one POST
  Buffer waiting_;              // for a POST
  Buffer posted_;               // in the one that is not answered
  std::uint64_t sent_ = 0;      // bytes that the server has
  bool posting_ = false;
  unsigned tries_ = 0;
  Clock::time_point try_at_{};
  const Clock::time_point began_ = Clock::now();
  std::optional<PostSocketEnd> end_;
};

}  // namespace framewire::cli
