#include "tools/serving/option_row_kinds.h"

namespace framewire::cli {

using std::chrono::milliseconds;
using Kind = OptionRow::Kind;

std::string format_count(std::uint64_t count) {
  return fmt::format("{}", count);
}

OptionRow duration(std::string name, Place<milliseconds> place, milliseconds low, milliseconds high,
                   std::string help) {
  return {std::move(name),
          "TIME",
          {},
          std::move(help),
          format_duration(default_of(place)),
          Kind::value,
          [=](ServeSettings& to, Texts texts) {
            return store(parse_duration(texts[0]), low, high, format_duration, place(to.config));
          }};
}

OptionRow size(std::string name, Place<std::size_t> place, std::size_t low, std::size_t high,
               std::string help) {
  return {std::move(name),
          "SIZE",
          {},
          std::move(help),
          format_size(default_of(place)),
          Kind::value,
          [=](ServeSettings& to, Texts texts) {
            return store(parse_size(texts[0]), low, high, format_size, place(to.config));
          }};
}

OptionRow toggle(std::string name, Place<bool> place, std::string help) {
  return {std::move(name),
          {},
          {},
          std::move(help),
          {},
          Kind::toggle,
          [=](ServeSettings& to, Texts texts) -> Parsed<void> {
            const auto value = parse_switch(texts[0]);
            if (!value) return tl::make_unexpected(value.error());
            place(to.config) = *value;
            return {};
          }};
}

OptionRow file(std::string name, Place<std::string> place, std::string help) {
  return {std::move(name),
          "FILE",
          {},
          std::move(help),
          {},
          Kind::value,
          [=](ServeSettings& to, Texts texts) -> Parsed<void> {
            if (texts[0].empty()) return tl::make_unexpected("a file name is missing");
            place(to.config) = texts[0];
            return {};
          }};
}

OptionRow list(std::string name, std::string shape, Place<std::vector<std::string>> place,
               std::string (*check)(std::string_view), std::string help) {
  return {std::move(name),
          std::move(shape),
          {},
          std::move(help),
          {},
          Kind::list,
          [=](ServeSettings& to, Texts texts) -> Parsed<void> {
            for (const std::string& text : texts) {
              if (auto wrong = check(text); !wrong.empty()) return tl::make_unexpected(wrong);
            }
            place(to.config).assign(texts.begin(), texts.end());
            return {};
          }};
}

}  // namespace framewire::cli
