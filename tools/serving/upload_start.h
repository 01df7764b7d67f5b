// Begins what sends recordings away (--upload-url), if that is wanted: reads its keys.
// Errors: a sentence for the operator, with nothing of a key. Thread: one, before the server
// starts.
#pragma once
#include <memory>

#include "ingest/base/error.h"
#include "relay/base/config.h"
#include "relay/base/upload.h"
#include "tools/serving/serve_options.h"

namespace framewire::cli {

// Null: recordings stay.
Result<std::shared_ptr<relay::UploadSink>> start_uploads(const relay::Config& config,
                                                         const Environment& environment);

}  // namespace framewire::cli
