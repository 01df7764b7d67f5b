// What a stream tells those who follow events. Derived ones tell nothing.
#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "relay/streams/stream.h"

namespace framewire::relay {

namespace {

std::string text(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void Stream::report_begin() {
  if (derived_ || linked()) return;
  told_begin_ = true;
  delegate_.announce(
      {"publish", name(), text({{"title", publisher_.hello().title}, {"by", publisher_.by()}})});
}

void Stream::report_end(std::string_view reason) {
  if (derived_ || !told_begin_) return;
  report_watched(false);
  told_begin_ = false;
  const auto lasted =
      std::chrono::duration_cast<Duration>(delegate_.now() - publisher_.published_at());
  delegate_.announce({"unpublish", name(),
                      text({{"reason", reason},
                            {"by", publisher_.by()},
                            {"duration_ms", lasted.count()},
                            {"received_bytes", received_bytes_},
                            {"most_viewers", std::max(most_viewers_, viewers())}})});
}

void Stream::report_watched(bool watched) {
  if (derived_ || !told_begin_ || watched == told_watched_) return;
  told_watched_ = watched;
  delegate_.announce({watched ? "first-viewer" : "last-viewer", name(), "{}"});
}

}  // namespace framewire::relay
