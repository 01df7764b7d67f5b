#include "tools/media/stream_news.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "tools/base/http_handle.h"

namespace framewire::cli {
namespace {

constexpr long kAnswerSeconds = 5;
constexpr std::size_t kMaxAnswerBytes = 64u << 10;
constexpr long kFound = 200;
constexpr long kNotFound = 404;

std::size_t keep(char* data, std::size_t, std::size_t size, void* to) {
  auto& answer = *static_cast<std::string*>(to);
  if (answer.size() + size > kMaxAnswerBytes) return 0;
  answer.append(data, size);
  return size;
}

}  // namespace

News read_news(long status, const std::string& body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object()) return {};
  if (status == kNotFound) return {.known = read_error_answer(status, body).by_server};
  const auto state = json.find("state");
  if (status != kFound || state == json.end()) return {};
  News news{.known = true, .live = *state == "live"};
  if (json.contains("viewers") && json["viewers"].is_number_unsigned())
    news.viewers = json["viewers"].get<std::uint64_t>();
  return news;
}

struct StreamNews::Handles {
  HttpHandle easy;
  MultiHandle multi{curl_multi_init()};
  Handles(const std::string& url, const HttpAccess& access) : easy(url, access) {}
  ~Handles() {
    if (easy && multi) curl_multi_remove_handle(multi.get(), easy.get());
  }
};

StreamNews::StreamNews(const std::string& url, const HttpAccess& access)
    : handles_(std::make_unique<Handles>(url, access)) {
  if (!handles_->easy) return;
  handles_->easy.set(CURLOPT_TIMEOUT, kAnswerSeconds);
  handles_->easy.set(CURLOPT_WRITEFUNCTION, keep);
  handles_->easy.set(CURLOPT_WRITEDATA, &answer_);
}

StreamNews::~StreamNews() = default;

void StreamNews::ask() {
  answer_.clear();
  asked_ = std::chrono::steady_clock::now();
  asking_ = curl_multi_add_handle(handles_->multi.get(), handles_->easy.get()) == CURLM_OK;
}

void StreamNews::forget() {
  if (std::exchange(asking_, false))
    curl_multi_remove_handle(handles_->multi.get(), handles_->easy.get());
  asked_ = {};
  news_ = {};
}

const News& StreamNews::now(std::chrono::milliseconds every) {
  if (!handles_->easy || !handles_->multi) return news_;
  if (!asking_ && std::chrono::steady_clock::now() - asked_ >= every) ask();
  if (!asking_) return news_;
  int running = 0;
  curl_multi_perform(handles_->multi.get(), &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(handles_->multi.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const bool answered = message->data.result == CURLE_OK;
    curl_multi_remove_handle(handles_->multi.get(), handles_->easy.get());
    asking_ = false;
    if (answered) news_ = read_news(handles_->easy.status(), answer_);
    break;
  }
  return news_;
}

}  // namespace framewire::cli
