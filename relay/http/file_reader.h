// Reads a file on libuv's own threads, so that no disk holds a loop up. One call at a time: each is
// answered by its callback, in a later turn of the loop.
// Thread: the loop's. Lifetime: until close(), after which nothing is called; it then ends by
// itself.
#pragma once
#include <uv.h>

#include <cstdint>
#include <functional>
#include <string>

#include "ingest/base/bytes.h"
#include "ingest/base/unique_fd.h"
#include "relay/base/refusal.h"

namespace framewire::relay {

struct FileFacts {
  int error = 0;  // an errno; 0: it is there
  std::uint64_t size = 0;
  std::string etag;  // of its size, time and number on the disk; quoted
};

class FileReader {
 public:
  using Opened = std::function<void(const FileFacts&)>;
  static FileReader* open(uv_loop_t& loop, const std::string& path, Opened opened);
  static FileReader* adopt(uv_loop_t& loop, UniqueFd file, Opened opened);
  // got: what is there, valid during the call; empty at the end of the file and on an error.
  void read(std::uint64_t at, std::size_t size, std::function<void(Bytes)> got);
  void close();

 private:
  FileReader(uv_loop_t& loop, Opened opened) : loop_(loop), opened_(std::move(opened)) {
    request_.data = this;
  }
  void stat();
  void on_opened();
  void on_facts();
  void on_read();
  bool dropped();
  void finish();

  uv_loop_t& loop_;
  uv_fs_t request_{};
  Opened opened_;
  std::function<void(Bytes)> got_;
  Buffer block_;
  int file_ = -1;
  bool busy_ = false;
  bool closed_ = false;
};

}  // namespace framewire::relay
