// Texts of --help. Thread: any.
#pragma once
#include <string>

namespace framewire::cli {

// Broken into lines that fit beside the column of the options.
std::string wrapped(std::string text);

}  // namespace framewire::cli
