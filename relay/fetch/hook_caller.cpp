#include "relay/fetch/hook_caller.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <strings.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "relay/access/hook_exchange.h"
#include "relay/fetch/http_get.h"

namespace framewire::relay {
namespace {

constexpr Duration kLooksEvery{1'000};  // when nothing happens

CurlHeaders headers_of_question() {
  curl_slist* list = nullptr;
  // No `Expect`: whoever waits for 100 Continue first waits longer.
  for (const char* line : {"Content-Type: application/json", "Accept: application/json", "Expect:"})
    list = curl_slist_append(list, line);
  return CurlHeaders{list};
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Where a body ends, in HTTP/1.1: RFC 9112, section 6.3. libcurl then sees that it came to there.
bool delimits(std::string_view line) {
  for (const std::string_view name : {"content-length:", "transfer-encoding:"})
    if (line.size() > name.size() && strncasecmp(line.data(), name.data(), name.size()) == 0)
      return true;
  return false;
}

}  // namespace

struct HookCaller::Call {
  Call(HookQueue::Question asked, CurlEasy with)
      : question(std::move(asked)), easy(std::move(with)) {}

  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* to) {
    auto& call = *static_cast<Call*>(to);
    if (call.reply.body.size() + size > kHookBodyBytes) {
      call.too_long = true;
      return CURL_WRITEFUNC_ERROR;
    }
    call.reply.body.append(data, size);
    return size;
  }
  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* to) {
    auto& call = *static_cast<Call*>(to);
    call.head_bytes += size;
    if (call.head_bytes > kHookHeadBytes) {
      call.too_long = true;
      return CURL_WRITEFUNC_ERROR;
    }
    constexpr std::string_view kName = "cache-control:";
    const std::string_view line{data, size};
    if (line.starts_with("HTTP/")) {  // also an interim answer's
      call.reply.cache_control.clear();
      call.reply.whole = false;
    }
    if (delimits(line)) call.reply.whole = true;
    if (line.size() > kName.size() && strncasecmp(data, kName.data(), kName.size()) == 0) {
      if (!call.reply.cache_control.empty()) call.reply.cache_control += ", ";
      call.reply.cache_control += trim(line.substr(kName.size()));
    }
    return size;
  }

  const HookQueue::Question question;
  const CurlEasy easy;
  HookReply reply;
  std::size_t head_bytes = 0;
  bool too_long = false;
};

HookCaller::HookCaller(std::string url, std::size_t parallel, std::shared_ptr<HookQueue> queue)
    : url_(std::move(url)),
      parallel_(parallel),
      queue_(std::move(queue)),
      headers_(headers_of_question()),
      multi_(curl_is_ready() ? curl_multi_init() : nullptr) {
  if (!multi_) {
    spdlog::error("--auth-url: libcurl cannot be used: nobody is let in by it");
    queue_->close();
    return;
  }
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(parallel_));
  queue_->serve([multi = multi_.get()] { curl_multi_wakeup(multi); });
  thread_ = std::thread{[this] { run(); }};
}

HookCaller::~HookCaller() {
  queue_->close();  // nobody wakes it after this
  if (!thread_.joinable()) return;
  stop_ = true;
  curl_multi_wakeup(multi_.get());
  thread_.join();
}

void HookCaller::run() {
  while (!stop_) {
    drop_withdrawn();
    begin_calls();
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    end_calls();
    const Time now = Clock::now();
    queue_->expire(now);
    if (calls_.size() < parallel_ && queue_->waiting() > 0) continue;
    Duration wait = kLooksEvery;
    if (const auto next = queue_->next_end())
      wait = std::clamp(std::chrono::ceil<Duration>(*next - now), Duration{1}, kLooksEvery);
    curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(wait.count()), nullptr);
  }
  for (const auto& [easy, call] : calls_) curl_multi_remove_handle(multi_.get(), easy);
  calls_.clear();
}

void HookCaller::begin_calls() {
  while (calls_.size() < parallel_) {
    auto question = queue_->take();
    if (!question) return;
    CurlEasy easy{curl_easy_init()};
    const Duration left = std::chrono::ceil<Duration>(question->until - Clock::now());
    if (!easy || left.count() <= 0) {
      queue_->answer(
          question->id,
          {easy ? HookReply::Outcome::timed_out : HookReply::Outcome::failed, 0, {}, {}});
      continue;
    }
    CURL* const key = easy.get();
    auto call = std::make_unique<Call>(*std::move(question), std::move(easy));
    const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(key, option, value); };
    set_usual_options(key);
    set(CURLOPT_URL, url_.c_str());
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_POSTFIELDSIZE, static_cast<long>(call->question.body.size()));
    set(CURLOPT_POSTFIELDS, call->question.body.c_str());
    set(CURLOPT_HTTPHEADER, headers_.get());
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
    set(CURLOPT_WRITEFUNCTION, &Call::on_body);
    set(CURLOPT_WRITEDATA, call.get());
    set(CURLOPT_HEADERFUNCTION, &Call::on_header);
    set(CURLOPT_HEADERDATA, call.get());
    curl_multi_add_handle(multi_.get(), key);
    calls_.emplace(key, std::move(call));
  }
}

void HookCaller::end_calls() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const key = message->easy_handle;
    const CURLcode result = message->data.result;
    const auto found = calls_.find(key);
    const std::unique_ptr<Call> call = std::move(found->second);
    calls_.erase(found);
    curl_multi_remove_handle(multi_.get(), key);
    HookReply& reply = call->reply;
    std::string what;
    if (result == CURLE_OK) {
      reply.outcome = HookReply::Outcome::answered;
      curl_easy_getinfo(key, CURLINFO_RESPONSE_CODE, &reply.status);
      constexpr long kNoContent = 204;
      reply.whole = reply.whole || reply.status == kNoContent;
    } else if (result == CURLE_OPERATION_TIMEDOUT) {
      reply.outcome = HookReply::Outcome::timed_out;
      what = "no answer came in time (--auth-timeout)";
    } else {
      what = call->too_long ? fmt::format("the answer has a body of more than {} bytes, or headers",
                                          kHookBodyBytes)
                            : std::string{curl_easy_strerror(result)};
    }
    tell(reply, what);
    queue_->answer(call->question.id, std::move(reply));
  }
}

// Whoever asked has gone: what it asked for is not worth a place.
void HookCaller::drop_withdrawn() {
  for (auto call = calls_.begin(); call != calls_.end();) {
    if (!queue_->withdrawn(call->second->question.id)) {
      ++call;
      continue;
    }
    curl_multi_remove_handle(multi_.get(), call->first);
    call = calls_.erase(call);
  }
}

void HookCaller::tell(const HookReply& reply, const std::string& what) {
  const bool fails = reply.outcome != HookReply::Outcome::answered;
  if (fails == std::exchange(failing_, fails)) return;
  if (fails)
    spdlog::warn("--auth-url {}: {}; requests are refused", shown_url(url_), what);
  else
    spdlog::info("--auth-url {}: answers again", shown_url(url_));
}

}  // namespace framewire::relay
