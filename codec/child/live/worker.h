// `framewire codec-worker`: makes derived renditions, a thread for each. Descriptor 3 is its
// control socket (codec/job.h); it ends when the server closes that. When a job's media brings the
// process down, its answer is "job NUMBER".
#pragma once
#include <span>
#include <string>

namespace framewire::codec {

int run_codec_worker(std::span<const std::string> arguments);

}  // namespace framewire::codec
