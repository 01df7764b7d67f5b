// The kinds of rows that the table of options is made of: each checks a text, and stores what it
// says in the member of relay::Config that its Place finds.
//
// Errors: a sentence with what is wrong and what would be right, without the option's name.
// Thread: one, before the server starts or while it reloads.
#pragma once
#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/serving/serve_options.h"

namespace framewire::cli {

using Texts = std::span<const std::string>;

inline constexpr std::size_t kKiB = 1u << 10, kMiB = 1u << 20, kGiB = 1u << 30;

// The members of the table's rows are found by a function of Config: some are in Config::limits.
template <class Member>
using Place = Member& (*)(relay::Config&);

template <class Member>
Member default_of(Place<Member> place) {
  relay::Config defaults;
  return place(defaults);
}

template <class T>
Parsed<void> store(const Parsed<T>& value, T low, T high, std::string (*format)(T), T& place) {
  if (!value) return tl::make_unexpected(value.error());
  if (*value < low || *value > high) {
    return tl::make_unexpected(
        fmt::format("{} is not from {} to {}", format(*value), format(low), format(high)));
  }
  place = *value;
  return {};
}

std::string format_count(std::uint64_t count);

// A row whose option stays as it was at the start.
inline OptionRow fixed(OptionRow row) {
  row.change = OptionRow::Change::none;
  return row;
}
// One that may be said otherwise, but not begin or cease to be said.
inline OptionRow fixed_whether(OptionRow row) {
  row.change = OptionRow::Change::of_value;
  return row;
}

// low and high are allowed themselves.
OptionRow duration(std::string name, Place<std::chrono::milliseconds> place,
                   std::chrono::milliseconds low, std::chrono::milliseconds high, std::string help);
OptionRow size(std::string name, Place<std::size_t> place, std::size_t low, std::size_t high,
               std::string help);
OptionRow toggle(std::string name, Place<bool> place, std::string help);
OptionRow file(std::string name, Place<std::string> place, std::string help);
// Each entry is checked by `check`, which gives a sentence for a bad one and "" for a good one.
OptionRow list(std::string name, std::string shape, Place<std::vector<std::string>> place,
               std::string (*check)(std::string_view), std::string help);

template <class Member>
OptionRow count(std::string name, Place<Member> place, Member low, Member high, std::string help) {
  return {std::move(name),
          "COUNT",
          {},
          std::move(help),
          format_count(default_of(place)),
          OptionRow::Kind::value,
          [=](ServeSettings& to, Texts texts) -> Parsed<void> {
            std::uint64_t value = 0;
            auto stored =
                store<std::uint64_t>(parse_count(texts[0]), low, high, format_count, value);
            if (stored) place(to.config) = static_cast<Member>(value);
            return stored;
          }};
}

}  // namespace framewire::cli
