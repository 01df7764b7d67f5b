// One HTTP request of the command line, up or down, by libcurl: bytes as they come, errors in a
// sentence that holds no key.
// Thread: one, that of the command. SIGINT, SIGTERM and SIGHUP end a transfer in good order
// (Interrupt).
#pragma once
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "ingest/base/bytes.h"
#include "tools/base/exit_codes.h"

namespace framewire::cli {

// While one lives the first SIGINT, SIGTERM or SIGHUP (but under `nohup`) is kept for asked(); one
// that comes a second later or more ends the program.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  static bool asked();

 private:
  struct sigaction int_ {};
  struct sigaction term_ {};
  struct sigaction hup_ {};
};

struct HttpAccess {
  std::string token;      // a key, "" = none
  bool insecure = false;  // take any certificate
  std::string ca_file;    // "" = the system's
  std::string cert_file;  // a client certificate (PEM), "" = none
  std::string cert_key;   // its key; "" = in cert_file, too
};

struct TransferEnd {
  long status = 0;           // HTTP's; 0 = none came
  std::string error;         // "" = it went well; else a sentence
  bool interrupted = false;  // by a signal, or because `take` or `go_on` had enough
  // A connection that was refused or broke: worth another try.
  bool lost = false;
  // The status is not a framewire server's: somebody on the way gave it.
  bool by_proxy = false;

  ExitCode exit_code() const;
};

// GET. take: each piece of a good answer's body; false = enough.
TransferEnd download(const std::string& url, const HttpAccess& access,
                     const std::function<bool(Bytes)>& take);

// What there is to send now.
struct Upload {
  Bytes bytes{};                      // valid until the next call; empty = nothing yet
  bool end = false;                   // nothing follows
  std::chrono::milliseconds wait{0};  // until it is worth asking again, if there is nothing
  std::optional<int> readable{};      // or until this descriptor is readable
};
// POST with a chunked body. next: asked whenever there is room; at most `room` bytes are taken.
// Once Interrupt::asked() it should soon say `end`: the answer is then waited for, kEndWithin at
// most. go_on: asked several times a second; false = the transfer is given up at once.
inline constexpr std::chrono::milliseconds kEndWithin{5'000};
TransferEnd upload(const std::string& url, const HttpAccess& access,
                   const std::function<Upload(std::size_t room)>& next,
                   const std::function<bool()>& go_on = nullptr);

}  // namespace framewire::cli
