// The rows of the options about events: those who follow them, and webhooks.
#pragma once
#include <vector>

#include "tools/serving/serve_options.h"

namespace framewire::cli {

std::vector<OptionRow> event_rows();

}  // namespace framewire::cli
