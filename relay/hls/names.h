// Names of the files of HLS below /live/{stream}/, and what a client says of how it
// wants a playlist. Pure. Errors: Errc::refused, a sentence for the client (400).
// Source: RFC 8216bis, section 6.2.5 (delivery directives); PROTOCOL.md, "HLS".
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/error.h"

namespace framewire::relay::hls {

// The rendition that HLS is made of: H.264 and AAC in fragmented MP4.
inline constexpr std::string_view kSource = "h264";

inline constexpr std::string_view kIndexName = "index.m3u8";
inline constexpr std::string_view kMediaName = "media.m3u8";
std::string init_name(std::uint64_t number);                 // init-7.m4s
std::string segment_name(std::uint64_t msn);                 // seg-9.m4s
std::string part_name(std::uint64_t msn, std::size_t part);  // part-9-0.m4s

struct File {
  enum class Kind : std::uint8_t { index, media, init, segment, part };
  Kind kind = Kind::index;
  std::uint64_t number = 0;  // of the init segment; else the media sequence number
  std::size_t part = 0;
  bool operator==(const File&) const = default;
};
// nullopt: no file of ours.
std::optional<File> parse_file(std::string_view name);

struct Directives {
  std::optional<std::uint64_t> msn;  // _HLS_msn: not before this segment is listed
  std::optional<std::size_t> part;   // _HLS_part: or this part of it
  bool skip = false;                 // _HLS_skip: a delta update will do
};
// arguments: decoded, each `name=value`.
Result<Directives> parse_directives(const std::vector<std::string>& arguments);

// What is put behind each URI of a playlist, so that its files are asked for with the same key;
// empty when no key was given in the URL.
std::string query_of(const std::optional<std::string>& token);
// The same of a signed link.
std::string query_of_link(std::string_view expires, std::string_view sign);

}  // namespace framewire::relay::hls
