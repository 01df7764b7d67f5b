#include "tools/media/viewer_count.h"

#include <curl/curl.h>

#include <nlohmann/json.hpp>
#include <utility>

namespace framewire::cli {
namespace {

constexpr std::chrono::seconds kEvery{2};
constexpr long kAnswerSeconds = 5;
constexpr std::size_t kMaxAnswerBytes = 64u << 10;

std::size_t keep(char* data, std::size_t, std::size_t size, void* to) {
  auto& answer = *static_cast<std::string*>(to);
  if (answer.size() + size > kMaxAnswerBytes) return 0;
  answer.append(data, size);
  return size;
}

}  // namespace

struct ViewerCount::Handles {
  CURL* easy = curl_easy_init();
  CURLM* multi = curl_multi_init();
  curl_slist* headers = nullptr;
  ~Handles() {
    curl_multi_remove_handle(multi, easy);
    curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
  }
};

ViewerCount::ViewerCount(std::string url, HttpAccess access)
    : url_(std::move(url)), access_(std::move(access)), handles_(std::make_unique<Handles>()) {
  CURL* const easy = handles_->easy;
  if (!easy) return;
  curl_easy_setopt(easy, CURLOPT_URL, url_.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT, kAnswerSeconds);
  if (access_.insecure) {
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (!access_.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, access_.ca_file.c_str());
  if (!access_.token.empty()) {
    handles_->headers =
        curl_slist_append(nullptr, ("Authorization: Bearer " + access_.token).c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, handles_->headers);
  }
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer_);
}

ViewerCount::~ViewerCount() = default;

void ViewerCount::ask() {
  answer_.clear();
  asked_ = std::chrono::steady_clock::now();
  asking_ = curl_multi_add_handle(handles_->multi, handles_->easy) == CURLM_OK;
}

void ViewerCount::read_answer() {
  const auto json = nlohmann::json::parse(answer_, nullptr, false);
  if (json.is_object() && json.contains("viewers") && json["viewers"].is_number_unsigned())
    known_ = json["viewers"].get<std::uint64_t>();
}

std::optional<std::uint64_t> ViewerCount::now() {
  if (!handles_->easy || !handles_->multi) return std::nullopt;
  if (!asking_ && std::chrono::steady_clock::now() - asked_ >= kEvery) ask();
  if (!asking_) return known_;
  int running = 0;
  curl_multi_perform(handles_->multi, &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(handles_->multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    curl_multi_remove_handle(handles_->multi, handles_->easy);
    asking_ = false;
    read_answer();
    break;
  }
  return known_;
}

}  // namespace framewire::cli
