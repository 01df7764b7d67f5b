// The events that a webhook's receiver has not taken yet, on disk: what was added is there again
// after a crash. A file of lines, only ever appended to, and written anew when most of it is done:
//
//   =ID      the newest id that was ever added, as a fresh file begins
//   +{...}   an event (relay/base/event.h)
//   -ID      it is done, delivered or given up
//
// A line that a crash cut off is the last one, and is left out. Locked: one process has it.
// Thread: one at a time. Errors: of a disk, a sentence. What cannot be written is kept in memory
// and told once in the log; so it is, too, where the disk is full when the queue is opened.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "ingest/base/error.h"
#include "ingest/base/unique_fd.h"
#include "relay/base/event.h"

namespace framewire::relay {

class WebhookQueue {
 public:
  struct Item {
    std::uint64_t id = 0;
    std::string json;
  };
  using Line = std::deque<Item>;  // of one stream, the oldest first

  // folder: made if it is not there. limit: bytes of events that wait; beyond, the oldest of all
  // are given up.
  static Result<WebhookQueue> open(const std::string& folder, std::size_t limit);

  void add(const Event& event);
  // The first of this stream's is done.
  void done(const std::string& stream);
  // What was added and done is on the disk, and not in the kernel's memory only.
  void sync();

  const std::map<std::string, Line>& lines() const { return lines_; }
  std::size_t size() const { return size_; }
  std::uint64_t last_id() const { return last_id_; }
  std::uint64_t given_up() const { return given_up_; }  // for want of room

 private:
  explicit WebhookQueue(std::string path, std::size_t limit)
      : path_(std::move(path)), limit_(limit) {}
  void read(std::string_view text);
  void take(Item item, const std::string& stream);
  void write(const std::string& text);
  void broken(const std::string& why);
  void forget_oldest();
  Result<void> write_anew();

  std::string path_;
  std::size_t limit_;
  UniqueFd lock_;
  UniqueFd file_;
  std::map<std::string, Line> lines_;
  std::size_t size_ = 0;        // events
  std::size_t bytes_ = 0;       // of their JSON
  std::size_t file_bytes_ = 0;  // of the file
  std::uint64_t last_id_ = 0;
  std::uint64_t given_up_ = 0;
  bool dirty_ = false;
  bool broken_ = false;  // its last line is not whole: it is written anew before another one
  bool told_ = false;    // that the disk does not take it
};

}  // namespace framewire::relay
