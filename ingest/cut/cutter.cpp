#include "ingest/cut/cutter.h"

#include <array>

namespace framewire {
namespace {
constexpr std::array<std::string_view, 3> kResizes = {"epoch", "scale", "pad"};
}

std::string_view to_string(Resize resize) {
  return kResizes[static_cast<std::size_t>(resize)];
}

std::optional<Resize> resize_named(std::string_view name) {
  for (std::size_t i = 0; i < kResizes.size(); ++i)
    if (kResizes[i] == name) return static_cast<Resize>(i);
  return std::nullopt;
}

}  // namespace framewire
