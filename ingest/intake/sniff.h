// Names the format of a stream from its first bytes, for publishers that send no hello.
#pragma once
#include <cstddef>
#include <optional>

#include "ingest/base/bytes.h"
#include "ingest/base/format.h"

namespace framewire {

inline constexpr std::size_t kSniffBytes = 1024;

// start: the first bytes of the stream. nullopt = more bytes needed (never asked past kSniffBytes).
// What no sniffer knows is Format::binary; rgba needs a hello.
// `at_message_end`: start is a whole message and no more will be waited for.
std::optional<Format> sniff(Bytes start, bool at_message_end);

}  // namespace framewire
