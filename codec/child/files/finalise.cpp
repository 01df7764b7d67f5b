#include "codec/child/files/finalise.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "codec/child/containers/ffmpeg_input.h"
#include "codec/child/files/media_file.h"
#include "codec/child/files/remux_file.h"
#include "codec/child/files/thumbnail.h"
#include "codec/child/start/child_main.h"

namespace framewire::codec {
namespace {

using nlohmann::json;
using Arguments = std::span<const std::string>;

constexpr int kFilm = kFirstDescriptor;

int answer(const json& value, int code) {
  fmt::print("{}", value.dump(-1, ' ', false, json::error_handler_t::replace));
  return code;
}

int fail_with(const Error& error) {
  const bool media = error.code == Errc::malformed_media || error.code == Errc::unsupported_format;
  return answer({{"what", error.what}, {"unreadable", media}}, 1);
}

// What is no error of the disk is one of the media: the muxer refuses what the container forbids.
int fail_with(const CopyError& error) {
  json out{{"what", error.what}};
  if (error.disk_error != 0)
    out["errno"] = error.disk_error;
  else
    out["unreadable"] = true;
  return answer(out, 1);
}

int succeed(const FilmFacts& facts, bool thumbnail) {
  return answer({{"duration_ms", facts.duration_us / 1000},
                 {"width", facts.width},
                 {"height", facts.height},
                 {"packets", facts.packets},
                 {"pictures", facts.pictures},
                 {"mended", facts.mended},
                 {"thumbnail", thumbnail}},
                0);
}

Result<std::unique_ptr<MediaFile>> open_film(Arguments arguments, std::size_t count,
                                             bool seeks = false) {
  limit_ffmpeg_memory();
  const auto format = arguments.size() == count ? format_named(arguments[0]) : std::nullopt;
  if (!format) return fail(Errc::internal, "wrong arguments");
  return MediaFile::open(*format, kFilm, seeks);
}

bool draw(const MediaFile& film, int fd) {
  return film.picture() && write_thumbnail(*film.picture(), *film.picture_stream(), fd);
}

std::int64_t microseconds(const std::string& ms) {
  std::int64_t value = 0;
  std::from_chars(ms.data(), ms.data() + ms.size(), value);
  return value > INT64_MAX / 1000 ? INT64_MAX : value * 1000;
}

}  // namespace

int finalise_command(Arguments arguments) {
  const auto film = open_film(arguments, 4);
  if (!film) return fail_with(film.error());
  const FilmTags tags{arguments[2], microseconds(arguments[3]) / 1000};
  // Of a capture's frames, which the container must hold.
  const bool capture = arguments[0] == to_string(Format::packets);
  const FilmSound sound = capture ? FilmSound::encoded_if_plain : FilmSound::as_it_is;
  if (auto copied = remux_file(**film, arguments[1], kFilm + 1, INT64_MAX, sound, tags); !copied)
    return fail_with(copied.error());
  return succeed((*film)->facts(), draw(**film, kFilm + 2));
}

int examine_command(Arguments arguments) {
  const auto film = open_film(arguments, 1);
  if (!film) return fail_with(film.error());
  (*film)->read(INT64_MAX, [](AVPacket&) { return 0; });
  if ((*film)->facts().packets == 0)
    return fail_with(Error{Errc::malformed_media, "no sound and no picture in it"});
  return succeed((*film)->facts(), draw(**film, kFilm + 1));
}

int cut_command(Arguments arguments) {
  const auto film = open_film(arguments, 4, /*seeks=*/true);
  if (!film) return fail_with(film.error());
  if (auto found = (*film)->seek(microseconds(arguments[2])); !found)
    return fail_with(found.error());
  if (auto copied = remux_file(**film, arguments[1], kFilm + 1, microseconds(arguments[3]));
      !copied)
    return fail_with(copied.error());
  return succeed((*film)->facts(), false);
}

}  // namespace framewire::codec
