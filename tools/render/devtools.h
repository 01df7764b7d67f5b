// Chromium's DevTools protocol over its pipe: a question, its answer, and what happens between.
// Thread: one. Lifetime: the browser outlives it.
// Errors: a failure with kExitFailed: the browser has ended, does not answer in time, or refuses.
// Source: https://chromedevtools.github.io/devtools-protocol/
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "tools/render/browser_process.h"
#include "tools/render/devtools_reader.h"

namespace framewire::cli {

class Devtools {
 public:
  using Event = std::function<void(const std::string& method, const nlohmann::json& params)>;

  // wait: for each answer. stop: once it is true, nothing is waited for any more; may be null.
  Devtools(const BrowserProcess& browser, std::chrono::milliseconds wait,
           const std::atomic<bool>* stop)
      : browser_(browser), wait_(wait), stop_(stop) {}
  // Of the session, while an answer is waited for. It may post(), but not call().
  void on_event(Event event) { event_ = std::move(event); }
  // What a time-out was waiting for, in words.
  void on_late(std::function<std::string()> why) { why_late_ = std::move(why); }

  // All that follows goes to this page.
  Rendered<void> attach();
  Rendered<nlohmann::json> call(const std::string& method, const nlohmann::json& params = {});
  // The same, of an answer that is one large text in base64, under this name.
  Rendered<Buffer> call_for_bytes(const std::string& method, const nlohmann::json& params,
                                  std::string_view key);
  // Without waiting for its answer.
  void post(const std::string& method, const nlohmann::json& params);
  // Whether the last call failed since Chromium said no: what was asked about is not there any
  // more.
  bool refused() const { return refused_; }
  // Nothing more comes of the page, says an event: all that waits fails by this sentence.
  void give_up(std::string why) { given_up_ = std::move(why); }
  // Events come in until it is so.
  Rendered<void> until(const std::function<bool()>& so);

 private:
  using Clock = std::chrono::steady_clock;
  Rendered<int> send(const std::string& method, const nlohmann::json& params);
  Rendered<std::string> answer_to(int id);
  // The next message; events are handed on. "" = it was one.
  Rendered<std::string> receive(Clock::time_point deadline);
  void hand_on(const nlohmann::json& event);
  tl::unexpected<RenderFailure> ended() const;
  Rendered<nlohmann::json> result_of(const std::string& method, const std::string& answer);

  const BrowserProcess& browser_;
  const std::chrono::milliseconds wait_;
  const std::atomic<bool>* const stop_;
  DevtoolsReader reader_;
  Event event_;
  std::function<std::string()> why_late_;
  std::string session_;
  std::string given_up_;
  bool refused_ = false;
  int last_id_ = 0;
};

}  // namespace framewire::cli
