// `framewire ...`: what the words of a command line ask for. CLI11 splits them; the text of every
// error is ours, one line, without values (one of them may be a key). Thread: one.
#pragma once
#include <string>
#include <variant>

#include "tools/bench/bench_options.h"
#include "tools/doctor/doctor.h"
#include "tools/media/media_options.h"
#include "tools/render/render_options.h"
#include "tools/serving/cluster_command.h"
#include "tools/serving/reload_command.h"
#include "tools/serving/serve_options.h"
#include "tools/token/token_options.h"

namespace framewire::cli {

struct ShowText {  // help or version, for stdout
  std::string text;
};
struct Serve {
  ServeSettings settings;
  Flags flags;  // to read the settings anew
};
struct Bench {
  bench::Options options;
};
struct UsageError {  // one sentence, for stderr
  std::string what;
};
using Request = std::variant<ShowText, Serve, Bench, MediaCommand, RenderOptions, TokenCommand,
                             ReloadOptions, DoctorOptions, ClusterStatusOptions, UsageError>;

Request parse_command_line(int argc, const char* const* argv, const Environment& environment);

// The whole program. Exit codes: tools/base/exit_codes.h.
int run(int argc, const char* const* argv);

}  // namespace framewire::cli
