// The rows of the options about recordings that leave the box, and how these go together.
// Thread: one, before the server starts or while it reloads.
#pragma once
#include <string>
#include <vector>

#include "tools/serving/serve_options.h"

namespace framewire::cli {

std::vector<OptionRow> upload_rows();

// Why these cannot be together; "" = they can.
std::string why_no_uploads(const relay::Config& config);

}  // namespace framewire::cli
