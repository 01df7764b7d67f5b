// A file as the answer to one HTTP request: ranges, validators, a block ahead of the socket at
// most. Used by sessions. Thread: its loop's. Lifetime: the session's.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "relay/access/request.h"
#include "relay/base/clock.h"
#include "relay/http/file_reader.h"

namespace framewire::relay {

class Connection;

class FileAnswer {
 public:
  struct Wishes {
    std::string content_type;
    std::string download_as;  // a file name; "" = to be shown
    std::string if_none_match;
    std::string range;
    std::string if_range;
    std::string extra_headers;
    bool head_only = false;
  };
  static Wishes wishes_of(const Request& request);

  FileAnswer(Connection& connection, Wishes wishes);
  ~FileAnswer();
  FileAnswer(const FileAnswer&) = delete;
  FileAnswer& operator=(const FileAnswer&) = delete;

  // Once one of them. `absent`: the sentence of the 404.
  void send(const std::string& path, std::string absent);
  void send(UniqueFd file);
  void on_writeable();
  void tick(Time now);  // ends a peer that takes nothing for stall_timeout

 private:
  void on_opened(const FileFacts& facts);
  void read_on();
  void on_block(Bytes block);
  void write_block();

  Connection& connection_;
  const Wishes wishes_;
  std::string absent_;
  FileReader* reader_ = nullptr;
  std::uint64_t at_ = 0;    // what is read next
  std::uint64_t left_ = 0;  // to be read
  Buffer ahead_;            // read, not written
  bool sending_ = false;
  Time progressed_{};
  std::size_t unsent_ = 0;
};

}  // namespace framewire::relay
