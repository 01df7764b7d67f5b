// Opaque messages: each feed() is a part and a group of its own, an empty one is nothing.
// Errc::limit_exceeded for a message over Limits::element_bytes.
#pragma once
#include <memory>

#include "ingest/cut/cutter.h"

namespace framewire {

std::unique_ptr<Cutter> make_binary_cutter(const CutterOptions& options, PartSink& sink);

}  // namespace framewire
