#include "tools/base/http_transfer.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

namespace framewire::cli {
namespace {

constexpr long kConnectSeconds = 10;
constexpr int kLookEveryMs = 100;                 // for a signal
constexpr std::size_t kMaxErrorBytes = 8u << 10;  // of an answer that says what was wrong

std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void on_signal(int signal) {
  if (interrupted.exchange(true)) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

struct FreeEasy {
  void operator()(CURL* c) const noexcept { curl_easy_cleanup(c); }
};
struct FreeMulti {
  void operator()(CURLM* c) const noexcept { curl_multi_cleanup(c); }
};
struct FreeList {
  void operator()(curl_slist* l) const noexcept { curl_slist_free_all(l); }
};

// The server says what was wrong in {"error":{"code","message"}} (PROTOCOL.md).
std::string reason_of(long status, const std::string& body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (json.is_object() && json.contains("error") && json["error"].is_object())
    return fmt::format("{} ({} {})", json["error"].value("message", "refused"), status,
                       json["error"].value("code", ""));
  return fmt::format("the server answered {}", status);
}

class Transfer {
 public:
  Transfer(const std::string& url, const HttpAccess& access)
      : easy_(curl_easy_init()), multi_(curl_multi_init()) {
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    set(CURLOPT_ERRORBUFFER, error_);
    set(CURLOPT_USERAGENT, "framewire/" FRAMEWIRE_VERSION);
    set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    if (access.insecure) {
      set(CURLOPT_SSL_VERIFYPEER, 0L);
      set(CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (!access.ca_file.empty()) set(CURLOPT_CAINFO, access.ca_file.c_str());
    if (!access.token.empty()) header("Authorization: Bearer " + access.token);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  }

  template <class T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(easy_.get(), option, value);
  }
  void header(const std::string& line) {
    curl_slist* grown = curl_slist_append(headers_.get(), line.c_str());
    if (!grown) return;
    (void)headers_.release();
    headers_.reset(grown);
  }

  std::function<bool(Bytes)> take;
  std::function<Upload(std::size_t)> next;

  void send() {
    header("Transfer-Encoding: chunked");
    header("Expect:");
    header("Content-Type: application/octet-stream");
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_CUSTOMREQUEST, "POST");
    set(CURLOPT_READDATA, this);
    set(CURLOPT_READFUNCTION, &Transfer::on_room);
  }

  TransferEnd run() {
    if (!easy_ || !multi_) return {.error = "no memory for a connection"};
    set(CURLOPT_HTTPHEADER, headers_.get());
    curl_multi_add_handle(multi_.get(), easy_.get());
    CURLcode result = CURLE_OK;
    bool done = false;
    while (!done && !given_up()) {
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      int left = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        result = message->data.result;
        done = true;
      }
      if (!done) wait();
    }
    TransferEnd end = end_of(done, result);
    curl_multi_remove_handle(multi_.get(), easy_.get());
    return end;
  }

 private:
  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) {
    return static_cast<Transfer*>(self)->body({reinterpret_cast<const std::byte*>(data), size})
               ? size
               : CURL_WRITEFUNC_ERROR;
  }
  static std::size_t on_room(char* to, std::size_t, std::size_t room, void* self) {
    return static_cast<Transfer*>(self)->room({reinterpret_cast<std::byte*>(to), room});
  }

  bool body(Bytes bytes) {
    if (status() >= 300 || !take) {
      answer_.append(as_text(bytes.first(std::min(bytes.size(), kMaxErrorBytes - answer_.size()))));
      return true;
    }
    enough_ = !take(bytes);
    return !enough_;
  }

  std::size_t room(std::span<std::byte> to) {
    waiting_ = next(to.size());
    if (waiting_.end) return 0;
    if (waiting_.bytes.empty()) {
      paused_ = true;
      return CURL_READFUNC_PAUSE;
    }
    std::memcpy(to.data(), waiting_.bytes.data(), waiting_.bytes.size());
    return waiting_.bytes.size();
  }

  void wait() {
    curl_waitfd more{};
    unsigned count = 0;
    int ms = kLookEveryMs;
    if (paused_) {
      ms = static_cast<int>(std::clamp<std::int64_t>(waiting_.wait.count(), 1, kLookEveryMs));
      if (waiting_.readable) {
        more = {*waiting_.readable, CURL_WAIT_POLLIN, 0};
        count = 1;
        ms = kLookEveryMs;
      }
    }
    curl_multi_poll(multi_.get(), &more, count, ms, nullptr);
    if (std::exchange(paused_, false)) curl_easy_pause(easy_.get(), CURLPAUSE_CONT);
  }

  // An upload is first ended in good order.
  bool given_up() {
    if (!interrupted) return false;
    if (!next) return true;
    const auto now = std::chrono::steady_clock::now();
    if (!interrupted_at_) interrupted_at_ = now;
    return now - *interrupted_at_ > kEndWithin;
  }

  long status() const {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  TransferEnd end_of(bool done, CURLcode result) {
    TransferEnd end;
    end.status = status();
    if (!done || enough_) {
      end.interrupted = true;
    } else if (end.status >= 300) {
      end.error = reason_of(end.status, answer_);
      end.lost = end.status == 503;
    } else if (result != CURLE_OK) {
      end.error = error_[0] != 0 ? error_ : curl_easy_strerror(result);
      end.lost = result == CURLE_COULDNT_CONNECT || result == CURLE_RECV_ERROR ||
                 result == CURLE_SEND_ERROR || result == CURLE_GOT_NOTHING ||
                 result == CURLE_PARTIAL_FILE || result == CURLE_OPERATION_TIMEDOUT;
    }
    return end;
  }

  std::unique_ptr<CURL, FreeEasy> easy_;
  std::unique_ptr<CURLM, FreeMulti> multi_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  char error_[CURL_ERROR_SIZE] = {};
  std::string answer_;
  Upload waiting_;
  bool paused_ = false;
  bool enough_ = false;
  std::optional<std::chrono::steady_clock::time_point> interrupted_at_;
};

}  // namespace

Interrupt::Interrupt() {
  interrupted = false;
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, &int_);
  sigaction(SIGTERM, &action, &term_);
}

Interrupt::~Interrupt() {
  sigaction(SIGINT, &int_, nullptr);
  sigaction(SIGTERM, &term_, nullptr);
}

bool Interrupt::asked() {
  return interrupted;
}

ExitCode TransferEnd::exit_code() const {
  if (status == 404) return kExitNotFound;
  return status >= 300 ? kExitRefused : kExitConnection;
}

TransferEnd download(const std::string& url, const HttpAccess& access,
                     const std::function<bool(Bytes)>& take) {
  Transfer transfer{url, access};
  transfer.take = take;
  return transfer.run();
}

TransferEnd upload(const std::string& url, const HttpAccess& access,
                   const std::function<Upload(std::size_t room)>& next) {
  Transfer transfer{url, access};
  transfer.next = next;
  transfer.send();
  return transfer.run();
}

}  // namespace framewire::cli
