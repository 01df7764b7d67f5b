// The cutter of a format: the one place that knows all of them.
#pragma once
#include <memory>

#include "ingest/cut/cutter.h"

namespace framewire {

// sink outlives the cutter. Errc::unsupported_format for rgba without a size.
Result<std::unique_ptr<Cutter>> make_cutter(Format format, const CutterOptions& options,
                                            PartSink& sink);

}  // namespace framewire
