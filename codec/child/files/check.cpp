#include "codec/child/files/check.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "codec/child/containers/ffmpeg_input.h"
#include "codec/child/files/file_check.h"
#include "codec/child/start/child_main.h"

namespace framewire::codec {
namespace {

using nlohmann::json;

int answer(const json& value, int code) {
  fmt::print("{}", value.dump(-1, ' ', false, json::error_handler_t::replace));
  return code;
}

std::int64_t microseconds(const std::string& ms) {
  std::int64_t value = 0;
  std::from_chars(ms.data(), ms.data() + ms.size(), value);
  return std::min(value, INT64_MAX / 1000) * 1000;
}

}  // namespace

int check_command(std::span<const std::string> arguments) {
  limit_ffmpeg_memory();
  const auto format = arguments.size() == 3 ? format_named(arguments[0]) : std::nullopt;
  if (!format) return answer({{"what", "wrong arguments"}}, 1);
  const auto film = MediaFile::open(*format, kFirstDescriptor);
  if (!film) return answer({{"what", film.error().what}}, 1);
  const auto facts = check_file(**film, {microseconds(arguments[1]), microseconds(arguments[2])});
  if (!facts) return answer({{"what", facts.error().what}}, 1);
  return answer(*facts, 0);
}

}  // namespace framewire::codec
