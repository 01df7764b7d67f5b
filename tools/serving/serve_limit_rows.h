// The options of limits, and of how the server runs, rows of tools/serving/serve_option_rows.cpp.
#pragma once
#include <vector>

#include "tools/serving/serve_options.h"

namespace framewire::cli {

std::vector<OptionRow> limit_rows();
std::vector<OptionRow> running_rows();

}  // namespace framewire::cli
