#include "tools/base/help_text.h"

namespace framewire::cli {
namespace {
constexpr std::size_t kHelpWidth = 62;
}

// CLI11 indents what follows a line end to the column of the help.
std::string wrapped(std::string text) {
  for (std::size_t start = 0; text.size() - start > kHelpWidth;) {
    const std::size_t blank = text.rfind(' ', start + kHelpWidth);
    if (blank == std::string::npos || blank <= start) break;
    text[blank] = '\n';
    start = blank + 1;
  }
  return text;
}

}  // namespace framewire::cli
