// What `framewire publish`, `watch`, `record`, `remux` and `verify` are told. Thread: any.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "tools/base/exit_codes.h"
#include "tools/base/http_transfer.h"
#include "tools/media/live_url.h"

namespace framewire::cli {

constexpr std::chrono::milliseconds kDefaultRetry{30'000};
constexpr double kDefaultPictureFps = 25;

struct Remote {
  LiveUrl url;
  HttpAccess access;
  // For how long a lost connection is tried again.
  std::chrono::milliseconds retry = kDefaultRetry;
  bool quiet = false;  // no progress line
};

// How what is published gets to the server. by_itself: in one body, and by short requests where
// somebody on the way lets no such body through.
enum class Transport : std::uint8_t { by_itself, body, posts };

struct PublishOptions {
  std::string file;  // "-" = stdin
  Remote to;
  Transport transport = Transport::by_itself;
  bool paced = true;
  double fps = kDefaultPictureFps;  // of pictures, for pacing
  bool loop = false;                // from its beginning again, until a signal comes
  std::string title;                // "" = none
  bool record = false;              // on the server
};
struct WatchOptions {
  Remote from;
  std::string out = "-";              // "-" = stdout
  std::chrono::seconds wait{0};       // for a publisher; at most a minute
  std::chrono::milliseconds time{0};  // to be watched; 0 = until the stream ends
  bool force = false;                 // write over a file that is there
};
struct RecordOptions {
  Remote from;
  std::string out;
  std::chrono::seconds wait{0};
  std::chrono::milliseconds time{0};
  bool force = false;
};
struct RemuxOptions {
  std::string in;
  std::string out;
  bool force = false;
};
struct VerifyOptions {
  std::string target;                      // a file, if it is no stream
  std::optional<Remote> from;              // a stream
  std::chrono::milliseconds time{10'000};  // of a stream
  std::chrono::milliseconds max_gap{1'000};
  std::chrono::milliseconds max_drift{250};
  bool json = false;
};

using MediaCommand =
    std::variant<PublishOptions, WatchOptions, RecordOptions, RemuxOptions, VerifyOptions>;

// Why a command could not be done: a sentence for people, for stderr, and its exit code.
struct Failure {
  std::string what;
  ExitCode code = kExitFailed;
};

// A stream's bytes into a file, for that long. A Failure: why nothing, or not all, came.
std::optional<Failure> fetch(const Remote& from, std::chrono::milliseconds time, int to);

// Exit codes: tools/base/exit_codes.h.

int publish_command(const PublishOptions& options);
int watch_command(const WatchOptions& options);
int record_command(const RecordOptions& options);
int remux_command(const RemuxOptions& options);
int verify_command(const VerifyOptions& options);

}  // namespace framewire::cli
