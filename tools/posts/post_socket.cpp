#include "tools/posts/post_socket.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace framewire::cli {
namespace {

constexpr long kGood = 200;
constexpr long kTaken = 204;
constexpr long kBad = 300;       // and above: no good answer
constexpr long kTryAgain = 500;  // and above: somebody on the way, or no room
// Of one POST. The server answers when it has read it; it reads on when it can.
constexpr long kPostSeconds = 15;
constexpr unsigned kTries = 4;
constexpr std::chrono::milliseconds kRetry{300};
// The server's first frame has come by then, or somebody on the way holds its answer back.
constexpr std::chrono::seconds kOpenWithin{10};
// It says something each 20 s, by its own defaults.
constexpr long kSilentSeconds = 120;
constexpr std::size_t kMostRefusal = 8u << 10;

std::string over_http(const std::string& url) {
  return fmt::format("{}{}over=http", url, url.find('?') == std::string::npos ? '?' : '&');
}

}  // namespace

PostSocket::PostSocket(const std::string& url, const HttpAccess& access)
    : url_(over_http(url)), get_(url_, access), post_(url_, access), multi_(curl_multi_init()) {
  if (!get_ || !post_ || !multi_) {
    fail_with("no memory for a connection", false);
    return;
  }
  get_.set(CURLOPT_WRITEFUNCTION, &PostSocket::on_body);
  get_.set(CURLOPT_WRITEDATA, this);
  get_.set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  get_.set(CURLOPT_LOW_SPEED_TIME, kSilentSeconds);
  post_.set(CURLOPT_POST, 1L);
  post_.set(CURLOPT_TIMEOUT, kPostSeconds);
  post_.set(
      CURLOPT_WRITEFUNCTION, +[](char*, std::size_t, std::size_t size, void*) { return size; });
  post_.header("Expect:");
  post_.header("Content-Type: application/octet-stream");
  curl_multi_add_handle(multi_.get(), get_.get());
}

PostSocket::~PostSocket() {
  if (!get_ || !post_ || !multi_) return;
  curl_multi_remove_handle(multi_.get(), get_.get());
  if (posting_) curl_multi_remove_handle(multi_.get(), post_.get());
}

std::size_t PostSocket::on_body(char* data, std::size_t, std::size_t size, void* self) {
  auto& socket = *static_cast<PostSocket*>(self);
  const Bytes bytes{reinterpret_cast<const std::byte*>(data), size};
  if (socket.get_.status() < kBad)
    socket.frames_.feed(bytes);
  else
    socket.refusal_ += as_text(bytes.first(std::min(size, kMostRefusal - socket.refusal_.size())));
  return size;
}

void PostSocket::send(Buffer frames) {
  if (waiting_.empty())
    waiting_ = std::move(frames);
  else
    append(waiting_, frames);
}

void PostSocket::turn(std::chrono::milliseconds wait, std::optional<int> readable) {
  if (end_) return;
  post();
  curl_waitfd more{readable.value_or(-1), CURL_WAIT_POLLIN, 0};
  int running = 0;
  curl_multi_perform(multi_.get(), &running);
  if (running > 0 || readable)
    curl_multi_poll(multi_.get(), &more, readable ? 1 : 0, static_cast<int>(wait.count()), nullptr);
  curl_multi_perform(multi_.get(), &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode result = message->data.result;
    if (message->easy_handle == post_.get())
      post_ended(result);
    else
      get_ended(result);
  }
  if (!open() && Clock::now() - began_ > kOpenWithin)
    fail_with("no answer came: somebody on the way may hold it back", true);
}

std::optional<WsFrame> PostSocket::next() {
  while (true) {
    auto frame = frames_.next();
    if (!frame) fail_with("what came is not a framewire server's: " + frame.error().what, false);
    if (!frame || !*frame) return std::nullopt;
    if (open()) return **frame;
    read_opening((*frame)->payload);
    if (!open()) return std::nullopt;
  }
}

// {"type":"tunnel","token":"...","post_bytes":262144}
void PostSocket::read_opening(Bytes text) {
  const auto json = nlohmann::json::parse(as_text(text), nullptr, false);
  if (json.is_object() && json.contains("token") && json["token"].is_string() &&
      json.contains("post_bytes") && json["post_bytes"].is_number_unsigned()) {
    token_ = json["token"].get<std::string>();
    post_bytes_ = json["post_bytes"].get<std::size_t>();
  }
  if (token_.empty() || post_bytes_ == 0)
    fail_with("what came is not a framewire server's answer", false);
}

void PostSocket::post() {
  if (!open() || posting_ || Clock::now() < try_at_) return;
  if (posted_.empty()) {
    if (waiting_.empty()) return;
    if (waiting_.size() <= post_bytes_) {
      posted_ = std::exchange(waiting_, {});
    } else {
      const auto part = waiting_.begin() + static_cast<std::ptrdiff_t>(post_bytes_);
      posted_.assign(waiting_.begin(), part);
      waiting_.erase(waiting_.begin(), part);
    }
  }
  start_post();
}

void PostSocket::start_post() {
  const std::string url = fmt::format("{}&tunnel={}&at={}", url_, token_, sent_);
  post_.set(CURLOPT_URL, url.c_str());
  post_.set(CURLOPT_POSTFIELDS, posted_.data());
  post_.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(posted_.size()));
  posting_ = curl_multi_add_handle(multi_.get(), post_.get()) == CURLM_OK;
  if (!posting_) fail_with("no memory for a request", false);
}

void PostSocket::post_ended(CURLcode result) {
  curl_multi_remove_handle(multi_.get(), post_.get());
  posting_ = false;
  const long status = result == CURLE_OK ? post_.status() : 0;
  if (status == kTaken || status == kGood) {
    sent_ += posted_.size();
    posted_.clear();
    tries_ = 0;
  } else if ((status == 0 || status >= kTryAgain) && ++tries_ < kTries) {
    try_at_ = Clock::now() + kRetry;
  } else if (status == 0) {
    fail_with(post_.error_of(result), true);
  } else {
    // 404: the GET has ended, for the server. Others: see the source.
    fail_with(fmt::format("the server answered {} to what was sent", status), true);
  }
}

void PostSocket::get_ended(CURLcode result) {
  const long status = get_.status();
  if (status >= kBad) {
    fail_with(read_error_answer(status, refusal_).reason, is_away(status), status);
  } else if (result == CURLE_OK) {
    fail_with("the connection was closed", true);
  } else {
    fail_with(get_.error_of(result), get_.lost(result));
  }
}

void PostSocket::fail_with(std::string error, bool lost, long status) {
  if (!end_) end_ = PostSocketEnd{std::move(error), status, lost};
}

}  // namespace framewire::cli
