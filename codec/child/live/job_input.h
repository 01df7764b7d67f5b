// What a job is given: the ws frames of a framewire.v1 viewer, read from its socket, as messages.
// Thread: the job's; next() blocks. Errors: protocol, for what the server should not have sent.
// Source: PROTOCOL.md, "The framewire.v1 binary header"; RFC 6455, section 5.2.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"
#include "ingest/wire/v1_header.h"

namespace framewire::codec {

struct JobMessage {
  bool text = false;
  V1Header header = {};  // of what is no text
  Bytes payload = {};    // valid until the next call
};

class JobInput {
 public:
  // socket: not owned. on_idle: called before next() waits, for all that has come is read. True:
  // on_quiet is called if nothing comes for kQuietMs.
  static constexpr int kQuietMs = 250;
  JobInput(int socket, std::function<bool()> on_idle, std::function<void()> on_quiet)
      : socket_(socket), on_idle_(std::move(on_idle)), on_quiet_(std::move(on_quiet)) {}
  // nullopt: the server has closed.
  Result<std::optional<JobMessage>> next();

 private:
  bool fill(std::size_t wanted);  // false: the end came first

  int socket_;
  std::function<bool()> on_idle_;
  std::function<void()> on_quiet_;
  Buffer buffer_;
  std::size_t from_ = 0;  // what was given out already
  std::size_t to_ = 0;    // what was read
};

}  // namespace framewire::codec
