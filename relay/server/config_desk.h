// Where loops hand in what an operator wants changed by the API, and whoever keeps the options
// (tools/serving) takes it: loops never wait for that. Callbacks come on the keeper's thread.
// Thread: any. Lifetime: outlives both; serve({}) before the keeper goes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ingest/base/error.h"
#include "ingest/base/mutex.h"

namespace framewire::relay {

// Options by name, without --, and their values as texts.
using OptionTexts = std::map<std::string, std::string>;

struct ConfigOrder {
  OptionTexts options;
  std::optional<std::string> restream;        // one more, as --restream takes it
  std::optional<std::uint64_t> end_restream;  // RestreamTarget::id
  bool keeps_bans = false;  // they have changed, and are to be there after a start

  bool changes() const { return !options.empty() || restream || end_restream; }
};
struct ConfigState {
  OptionTexts options;         // those that an order may change, as they are now
  std::uint64_t restream = 0;  // the id of the one that was ordered
};
// Errors: bad_text, a sentence; refused: there is none of this id.
using OnConfig = std::function<void(const Result<ConfigState>&)>;

class ConfigDesk {
 public:
  struct Waiting {
    ConfigOrder order;
    OnConfig callback;
  };
  static constexpr std::size_t kMostWaiting = 100;

  // wake: called by any thread when something is handed in; it must not block. {} = nobody is here.
  void serve(std::function<void()> wake) {
    const Lock lock{mutex_};
    wake_ = std::move(wake);
  }
  // False: nobody is here, or too many wait.
  bool hand_in(ConfigOrder order, OnConfig callback) {
    const Lock lock{mutex_};
    if (!wake_ || waiting_.size() >= kMostWaiting) return false;
    waiting_.push_back({std::move(order), std::move(callback)});
    wake_();
    return true;
  }
  std::vector<Waiting> take() {
    const Lock lock{mutex_};
    return std::exchange(waiting_, {});
  }

 private:
  Mutex mutex_;
  std::function<void()> wake_ FW_GUARDED_BY(mutex_);
  std::vector<Waiting> waiting_ FW_GUARDED_BY(mutex_);
};

}  // namespace framewire::relay
