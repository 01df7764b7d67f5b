// What a misspelt word may have meant. Thread: any.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace framewire::cli {

// The candidate that is fewest changed, added, left out or swapped letters away from `word`, if
// that is at most a third of its letters.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

// " (did you mean WORD?)", or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

}  // namespace framewire::cli
