// The options of plain TCP ports (relay/base/tcp_point.h), rows of
// tools/serving/serve_option_rows.cpp.
#pragma once
#include <vector>

#include "tools/serving/serve_options.h"

namespace framewire::cli {

std::vector<OptionRow> tcp_rows();

}  // namespace framewire::cli
