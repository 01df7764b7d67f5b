// The files of keys that a server's options name, read at the start and by a reload: keys with
// rights
// (--keys), those that sign links (--link-key), and the secret of a cluster (--cluster-secret).
// Errors: a sentence that names option and file, and holds nothing of a key. Thread: one, that of
// the signals.
#pragma once
#include "ingest/base/error.h"
#include "relay/base/config.h"

namespace framewire::cli {

// Sets config.named_keys, config.link_keys and config.cluster.secret.
Result<void> read_secret_files(relay::Config& config);

}  // namespace framewire::cli
