// The files of keys that a server's options name, read at the start and by a reload: keys with
// rights
// (--keys), and those that sign links (--link-key). Errors: a sentence that names option and file,
// and holds nothing of a key. Thread: one, that of the signals.
#pragma once
#include "ingest/base/error.h"
#include "relay/base/config.h"

namespace framewire::cli {

// Sets config.named_keys and config.link_keys.
Result<void> read_secret_files(relay::Config& config);

}  // namespace framewire::cli
