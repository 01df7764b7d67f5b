#include "codec/child/main/commands.h"

#include <vector>

#include "codec/child/capture/capture.h"
#include "codec/child/files/check.h"
#include "codec/child/files/finalise.h"
#include "codec/child/files/live.h"
#include "codec/child/live/restream.h"
#include "codec/child/live/worker.h"
#include "codec/child/main/encoders.h"
#include "codec/child/render/render.h"
#include "codec/child/start/child_main.h"

namespace framewire::codec {
namespace {

// A film is as big as it is. In the background: nobody waits for the millisecond.
constexpr SandboxLimits kFilm{
    .memory_bytes = 512u << 20, .file_bytes = std::size_t{1} << 46, .niceness = 19};

// Frames of 8K, several at a time in an encoder; behind the loops, which others wait for.
constexpr SandboxLimits kCapture{
    .memory_bytes = std::size_t{3} << 30, .file_bytes = std::size_t{1} << 46, .niceness = 5};

// It opens one connection, of the operator's, and then shuts itself in.
constexpr SandboxLimits kRestream{.memory_bytes = 256u << 20, .calls_later = true};

// name, limits, function.
const std::vector<ChildCommand> kCommands = {
    {"finalise", kFilm, finalise_command},
    {"examine", kFilm, examine_command},
    {"cut", kFilm, cut_command},
    {"check", kFilm, check_command},
    {"live", kFilm, live_command},
    {"encoders", {}, encoders_command},
    {"capture", kCapture, capture_command},
    {"render-film", kCapture, render_command},
    {"restream", kRestream, restream_command},
    {"codec-worker", {.open_files = 4096}, run_codec_worker},
};

}  // namespace

std::optional<int> child_main(int argc, const char* const* argv) {
  return child_main(argc, argv, kCommands);
}

}  // namespace framewire::codec
