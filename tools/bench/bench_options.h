// The options of `framewire bench`: one table of rows, from which come the flags and the help. What
// a load may be is bounded here: a loopback address, the machine's cores, the open files allowed.
// Errors: one sentence. Thread: one.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tools/base/option_values.h"
#include "tools/bench/bench_content.h"
#include "tools/bench/bench_pattern.h"
#include "tools/bench/bench_reader.h"

namespace framewire::bench {

// Closed loop: whose receipt lets the publisher go on.
enum class Acknowledged : std::uint8_t { by_slowest, by_first };

struct Options {
  bool tls = false;
  cli::Address address{"127.0.0.1", 8080};
  std::string stream = "bench";  // streams are bench-0, bench-1, ...
  unsigned streams = 1;
  unsigned viewers = 100;  // of each stream
  Wire wire = Wire::bare;

  SizePattern pattern;
  Content content = Content::binary;
  double rate = 30;  // messages a second of each stream; 0 = nobody publishes
  bool closed_loop = false;
  Acknowledged acknowledged = Acknowledged::by_slowest;
  unsigned window = 4;  // closed loop: messages not yet acknowledged

  double slow_share = 0;  // 0..1 of the viewers of each stream
  std::size_t slow_bytes_per_s = 64u << 10;
  double stalled_share = 0;
  std::size_t stall_after = 64u << 10;          // bytes
  std::size_t slow_receive_buffer = 64u << 10;  // SO_RCVBUF of slow and stalled viewers
  double churn = 0;                             // connections a second opened and closed besides

  std::chrono::milliseconds duration{10'000};  // measured
  std::chrono::milliseconds warm_up{1'000};    // before
  unsigned threads = 1;
  pid_t server_pid = 0;  // 0 = the server's CPU and memory are not told
  std::string json;      // a file; "-" = stdout instead of the table; "" = none
};

struct OptionRow {
  std::string name;   // as in --name
  std::string shape;  // what help shows behind the name; "" = a switch
  std::string group;
  std::string help;
  std::string default_text;  // "" = none to show
  std::function<cli::Parsed<void>(Options&, const std::string&)> set;
};

// Every option, in the order of the help.
const std::vector<OptionRow>& option_rows();

// Name (without --) to text; "true" for a switch.
using Flags = std::map<std::string, std::string>;

cli::Parsed<Options> resolve_options(const Flags& flags);

}  // namespace framewire::bench
