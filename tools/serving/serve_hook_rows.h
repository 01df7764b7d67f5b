// The options of the operator's own login server as rows of the table.
#pragma once
#include <vector>

#include "tools/serving/serve_options.h"

namespace framewire::cli {

std::vector<OptionRow> hook_rows();

}  // namespace framewire::cli
