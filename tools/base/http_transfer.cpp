#include "tools/base/http_transfer.h"

#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "tools/base/http_handle.h"

namespace framewire::cli {
namespace {

constexpr int kLookEveryMs = 100;                 // for a signal
constexpr std::size_t kMaxErrorBytes = 8u << 10;  // of an answer that says what was wrong

std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free);

// What a terminal sends to all is passed on once more by npm and the like: one key, two signals.
constexpr long kSameSignalMs = 1000;
std::atomic<long> interrupted_at = 0;

long now_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

void on_signal(int signal) {
  if (!interrupted) interrupted_at = now_ms();
  if (interrupted.exchange(true) && now_ms() - interrupted_at >= kSameSignalMs) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

class Transfer {
 public:
  Transfer(const std::string& url, const HttpAccess& access)
      : easy_(url, access), multi_(curl_multi_init()) {
    if (!easy_) return;
    easy_.set(CURLOPT_WRITEDATA, this);
    easy_.set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  }

  std::function<bool(Bytes)> take;
  std::function<Upload(std::size_t)> next;
  std::function<bool()> go_on;

  void send() {
    if (!easy_) return;
    easy_.header("Transfer-Encoding: chunked");
    easy_.header("Expect:");
    easy_.header("Content-Type: application/octet-stream");
    easy_.set(CURLOPT_UPLOAD, 1L);
    easy_.set(CURLOPT_CUSTOMREQUEST, "POST");
    easy_.set(CURLOPT_READDATA, this);
    easy_.set(CURLOPT_READFUNCTION, &Transfer::on_room);
  }

  TransferEnd run() {
    if (!easy_ || !multi_) return {.error = "no memory for a connection"};
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
      if (done) break;
      if (go_on && !go_on()) {
        enough_ = true;
        break;
      }
      wait();
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
    if (easy_.status() >= 300 || !take) {
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

  TransferEnd end_of(bool done, CURLcode result) {
    TransferEnd end;
    end.status = easy_.status();
    if (!done || enough_) {
      end.interrupted = true;
    } else if (end.status >= 300) {
      const ErrorAnswer said = read_error_answer(end.status, answer_);
      end.error = said.reason;
      end.by_proxy = !said.by_server;
      end.lost = is_away(end.status);
    } else if (result != CURLE_OK) {
      end.error = easy_.error_of(result);
      end.lost = easy_.lost(result);
    }
    return end;
  }

  HttpHandle easy_;
  MultiHandle multi_;
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
  // A terminal that is closed; `nohup` has it ignored.
  sigaction(SIGHUP, nullptr, &hup_);
  if (hup_.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);
}

Interrupt::~Interrupt() {
  sigaction(SIGINT, &int_, nullptr);
  sigaction(SIGTERM, &term_, nullptr);
  sigaction(SIGHUP, &hup_, nullptr);
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
                   const std::function<Upload(std::size_t room)>& next,
                   const std::function<bool()>& go_on) {
  Transfer transfer{url, access};
  transfer.next = next;
  transfer.go_on = go_on;
  transfer.send();
  return transfer.run();
}

}  // namespace framewire::cli
