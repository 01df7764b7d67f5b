// The options of tokens (JWT) as rows of the table.
#pragma once
#include <vector>

#include "tools/serving/serve_options.h"

namespace framewire::cli {

std::vector<OptionRow> token_rows();

}  // namespace framewire::cli
