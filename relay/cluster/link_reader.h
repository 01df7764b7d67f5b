// What comes by a link, made into LinkEvents: parts are numbered anew, over reconnections; what
// came before is left out, what is missing is a gap. Bytes in, values out. Thread: one. Errors:
// Errc::protocol for what no node of ours sends. Source: PROTOCOL.md, "Viewer, framewire.v1" and
// "Links between nodes".
#pragma once
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"
#include "relay/streams/link_event.h"

namespace framewire::relay {

struct LinkNews {
  LinkEvents events;
  std::vector<std::pair<std::string, std::string>> direct;  // for one speaker here: who, what
  std::size_t bytes = 0;                                    // of parts
  bool empty() const { return events.empty() && direct.empty(); }
};

class LinkReader {
 public:
  // Another connection begins.
  void begin();
  Result<void> take_text(std::string_view text);
  Result<void> take_binary(Bytes message);
  LinkNews take() { return std::exchange(news_, {}); }
  // The stream is there: something of it has come since begin().
  bool greeted() const { return greeted_; }

 private:
  Result<void> greet(const nlohmann::json& text);
  Result<void> begin_epoch(const nlohmann::json& text);
  void pass(const std::string& type, const nlohmann::json& text, std::string_view whole);
  void add(LinkEvent event) { news_.events.push_back(std::move(event)); }

  LinkNews news_;
  bool greeted_ = false;
  std::string home_;              // which publication of which node; another one has other numbers
  std::uint32_t home_epoch_ = 0;  // as it counts; 0 = none yet
  std::uint64_t home_next_ = 0;   // its sequence, due next
  bool joining_ = true;           // nothing of the epoch has come by this connection
  bool repeats_ = false;          // the epoch is one of which something came before
  bool begins_ = true;            // all that came was old
  std::string skipped_ = "link";  // why the next gap is one
  std::uint32_t epoch_ = 0;       // as we count
  std::uint64_t sequence_ = 0;    // of the next part, as we count
};

}  // namespace framewire::relay
