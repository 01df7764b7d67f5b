// Options of films of pages (relay/render). Thread: one.
#pragma once
#include <vector>

#include "tools/serving/serve_options.h"

namespace framewire::cli {

std::vector<OptionRow> render_rows();

}  // namespace framewire::cli
