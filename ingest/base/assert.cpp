#include "ingest/base/assert.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace framewire {

namespace {

// A file's path from the root of the repository on, however the compiler was called.
const char* below_root(const char* file) {
  constexpr std::string_view kThis = __FILE__, kBelow = "ingest/base/assert.cpp";
  static_assert(kThis.ends_with(kBelow));
  constexpr std::string_view kRoot = kThis.substr(0, kThis.size() - kBelow.size());
  return std::string_view{file}.starts_with(kRoot) ? file + kRoot.size() : file;
}

}  // namespace

void assertion_failed(const char* file, int line, const char* expression) {
  const Activity& at = current_activity;
  std::array<char, 1024> text{};
  const int written = std::snprintf(
      text.data(), text.size(),
      "framewire: assertion failed: %s:%d: %s (loop %d, %s, stream %.*s)\n", below_root(file), line,
      expression, at.loop, *at.what ? at.what : "-",
      static_cast<int>(std::min<std::size_t>(at.stream.size(), 200)), at.stream.data());
  if (written > 0) {
    const std::size_t size = std::min(static_cast<std::size_t>(written), text.size() - 1);
    [[maybe_unused]] const ssize_t said = ::write(STDERR_FILENO, text.data(), size);
  }
  std::abort();
}

}  // namespace framewire
