// A job: reads an origin from its socket, epoch by epoch, and writes the derived rendition back.
// Thread: one of its own, for as long as run() takes. It ends when the origin does, when either
// side closes the socket, or at the first error, which it tells the server.
#pragma once
#include "codec/job.h"
#include "ingest/base/unique_fd.h"

namespace framewire::codec {

void run_job(const JobSpec& job, UniqueFd socket);

}  // namespace framewire::codec
