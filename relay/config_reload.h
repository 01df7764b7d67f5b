// What of a running server's Config may change, and what may not. Thread: any. Pure.
#pragma once
#include "relay/config.h"

namespace framewire::relay {

// `fresh`, but for what is fixed while a server runs: where it listens, its threads, whether it
// speaks TLS, and all that the recorder's thread reads.
Config with_fixed_parts_of(const Config& running, Config fresh);

}  // namespace framewire::relay
