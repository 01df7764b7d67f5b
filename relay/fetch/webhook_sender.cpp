#include "relay/fetch/webhook_sender.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "relay/fetch/http_get.h"
#include "relay/fetch/webhook_signature.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kAtATime = 8;      // streams that are delivered for
constexpr std::size_t kInbox = 100'000;  // events that wait for the disk
constexpr Duration kFirstPause{500}, kLongestPause{60'000};
constexpr Duration kLastWords{2'000};  // for those under way when the server ends
constexpr long kHttpOk = 200, kMultipleChoices = 300;

std::size_t drop_body(char*, std::size_t, std::size_t size, void*) {
  return size;
}

}  // namespace

struct WebhookSender::Delivery {
  ~Delivery() {
    if (easy) curl_multi_remove_handle(multi, easy);
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
  }
  CURLM* multi = nullptr;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  std::string stream;
  std::string body;
};

WebhookSender::WebhookSender(Target target, WebhookQueue queue)
    : target_(std::move(target)),
      queue_(std::move(queue)),
      first_last_id_(queue_.last_id()),
      multi_((curl_global_init(CURL_GLOBAL_DEFAULT), curl_multi_init())) {
  if (queue_.size() > 0)
    spdlog::info("--webhook {}: {} events wait from before", shown_url(target_.url), queue_.size());
  for (const auto& [stream, line] : queue_.lines()) attempts_[stream];
  thread_ = std::thread{[this] { run(); }};
}

WebhookSender::~WebhookSender() {
  stop_ = true;
  curl_multi_wakeup(multi_);
  thread_.join();
  attempts_.clear();
  curl_multi_cleanup(multi_);
}

void WebhookSender::take(const EventPtr& event) {
  {
    const Lock lock{mutex_};
    if (inbox_.size() >= kInbox) return;  // the disk has stood still for long
    inbox_.push_back(event);
  }
  curl_multi_wakeup(multi_);
}

void WebhookSender::run() {
  std::optional<Time> end_by;
  while (true) {
    store();
    const Time now = Clock::now();
    if (stop_ && !end_by) end_by = now + kLastWords;
    if (end_by && (under_way_ == 0 || now >= *end_by)) break;
    if (!end_by) begin_due(now);
    int running = 0;
    curl_multi_perform(multi_, &running);
    collect(now);
    const int wait = end_by ? 50 : wait_ms(Clock::now());
    if (wait > 0) curl_multi_poll(multi_, nullptr, 0, wait, nullptr);
  }
  queue_.sync();
}

// Whatever has come is on the disk before it is sent.
bool WebhookSender::store() {
  std::vector<EventPtr> events;
  {
    const Lock lock{mutex_};
    events.swap(inbox_);
  }
  if (events.empty()) return false;
  for (const EventPtr& event : events) {
    queue_.add(*event);
    attempts_[event->stream];
  }
  queue_.sync();
  if (const auto lost = queue_.given_up(); lost != std::exchange(told_given_up_, lost))
    spdlog::error("--webhook {}: {} events given up so far: more wait than --webhook-queue holds",
                  shown_url(target_.url), lost);
  return true;
}

void WebhookSender::begin_due(Time now) {
  for (auto at = attempts_.begin(); at != attempts_.end() && under_way_ < kAtATime;) {
    auto& [stream, attempt] = *at;
    const auto line = queue_.lines().find(stream);
    if (line == queue_.lines().end() && !attempt.delivery) {
      at = attempts_.erase(at);
      continue;
    }
    if (line != queue_.lines().end() && !attempt.delivery && attempt.next <= now)
      begin(stream, attempt, line->second.front(), now);
    ++at;
  }
}

void WebhookSender::begin(const std::string& stream, Attempt& attempt,
                          const WebhookQueue::Item& item, Time now) {
  if (attempt.id != item.id) {  // the one before is done, or was given up
    attempt.id = item.id;
    attempt.failures = 0;
    attempt.first = now;
  }
  auto delivery = std::make_unique<Delivery>();
  delivery->multi = multi_;
  delivery->stream = stream;
  delivery->body = item.json;
  delivery->easy = curl_easy_init();
  if (!delivery->easy) return;
  const std::int64_t seconds = wall_clock_us() / 1'000'000;
  for (const std::string& header :
       {std::string{"Content-Type: application/json"}, fmt::format("Framewire-Event: {}", item.id),
        "Framewire-Signature: " + webhook_signature(target_.secret, seconds, delivery->body),
        std::string{"Expect:"}})
    delivery->headers = curl_slist_append(delivery->headers, header.c_str());
  const auto set = [&](CURLoption option, auto value) {
    curl_easy_setopt(delivery->easy, option, value);
  };
  set(CURLOPT_URL, target_.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "https,http");
  set(CURLOPT_NOPROXY, "localhost,127.0.0.0/8,::1");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(target_.timeout.count()));
  set(CURLOPT_USERAGENT, "framewire");
  set(CURLOPT_HTTPHEADER, delivery->headers);
  set(CURLOPT_POSTFIELDS, delivery->body.c_str());
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(delivery->body.size()));
  set(CURLOPT_WRITEFUNCTION, drop_body);
  set(CURLOPT_PRIVATE, delivery.get());
  curl_multi_add_handle(multi_, delivery->easy);
  ++under_way_;
  attempt.delivery = std::move(delivery);
}

void WebhookSender::collect(Time now) {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    Delivery* delivery = nullptr;
    long status = 0;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &delivery);
    curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
    const CURLcode result = message->data.result;
    const bool taken = result == CURLE_OK && status >= kHttpOk && status < kMultipleChoices;
    const std::string why = result != CURLE_OK ? curl_easy_strerror(result)
                                               : fmt::format("it was answered with {}", status);
    const std::string stream = delivery->stream;
    --under_way_;
    attempts_[stream].delivery.reset();
    settle(stream, taken, why, now);
  }
}

void WebhookSender::settle(const std::string& stream, bool taken, const std::string& why,
                           Time now) {
  Attempt& attempt = attempts_[stream];
  const auto line = queue_.lines().find(stream);
  const bool there = line != queue_.lines().end() && line->second.front().id == attempt.id;
  if (taken) {
    if (std::exchange(told_, false))
      spdlog::info("--webhook {}: takes events again", shown_url(target_.url));
    if (there) queue_.done(stream);
    return;
  }
  if (!std::exchange(told_, true))
    spdlog::warn("--webhook {}: {}; events wait, and are tried again", shown_url(target_.url), why);
  if (there && now - attempt.first >= target_.give_up) {
    spdlog::error("--webhook {}: event {} of {} is given up: {}", shown_url(target_.url),
                  attempt.id, stream.empty() ? "the server" : stream, why);
    queue_.done(stream);
    return;
  }
  const unsigned doublings = std::min(attempt.failures++, 10u);
  attempt.next = now + std::min<Duration>(kFirstPause * (1u << doublings), kLongestPause);
}

int WebhookSender::wait_ms(Time now) const {
  constexpr Duration kLongest{1'000};
  Duration out = kLongest;
  if (under_way_ < kAtATime)
    for (const auto& [stream, attempt] : attempts_)
      if (!attempt.delivery)
        out = std::min(out, std::chrono::duration_cast<Duration>(attempt.next - now));
  return static_cast<int>(std::max(out, Duration{0}).count());
}

}  // namespace framewire::relay
