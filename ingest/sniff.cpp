#include "ingest/sniff.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "ingest/packets.h"

namespace framewire {
namespace {

using namespace std::string_view_literals;

enum class Match : std::uint8_t { no, maybe, yes };  // maybe: so far, but more bytes are needed

// `text` at byte `at` of start.
Match text_at(std::string_view start, std::size_t at, std::string_view text) {
  if (start.size() <= at) return Match::maybe;
  const std::string_view there = start.substr(at, text.size());
  if (there != text.substr(0, there.size())) return Match::no;
  return there.size() == text.size() ? Match::yes : Match::maybe;
}

Match both(Match a, Match b) {
  return a < b ? a : b;
}
Match either(Match a, Match b) {
  return a > b ? a : b;
}

Match magic(std::string_view start, std::string_view text) {
  return text_at(start, 0, text);
}

//   RIFF size(4) WEBP
Match webp(std::string_view start) {
  return both(magic(start, "RIFF"), text_at(start, 8, "WEBP"));
}

//   size(4) ftyp | styp ; the size is less than 16 MiB, so a text that holds "ftyp" is none
Match mp4(std::string_view start) {
  return both(magic(start, "\0"sv), either(text_at(start, 4, "ftyp"), text_at(start, 4, "styp")));
}

// ISO/IEC 13818-1, 2.4.3: a sync byte each 188 bytes. Three of them are enough, and a message that
// is one or two whole packets is believed.
Match mpegts(std::string_view start, bool at_message_end) {
  constexpr std::size_t kPacket = 188;
  for (std::size_t at = 0; at <= 2 * kPacket; at += kPacket) {
    if (at >= start.size()) return at_message_end && at == start.size() ? Match::yes : Match::maybe;
    if (start[at] != '\x47') return Match::no;
  }
  return Match::yes;
}

}  // namespace

std::optional<Format> sniff(Bytes bytes, bool at_message_end) {
  const std::string_view start = as_text(bytes.first(std::min<std::size_t>(bytes.size(), 1024)));
  const std::array<std::pair<Match, Format>, 9> matches = {{
      {magic(start, "\x1a\x45\xdf\xa3"), Format::webm},
      {mp4(start), Format::mp4},
      {start.empty() ? Match::maybe : mpegts(start, at_message_end), Format::mpegts},
      {magic(start, "FLV\x01"), Format::flv},
      {magic(start, "OggS"), Format::ogg},
      {magic(start, kPacketsMagic), Format::packets},
      {magic(start, "\xff\xd8\xff"), Format::jpeg},
      {magic(start, "\x89PNG\r\n\x1a\n"), Format::png},
      {webp(start), Format::webp},
  }};
  bool undecided = false;
  for (const auto& [match, format] : matches) {
    if (match == Match::yes) return format;
    undecided = undecided || match == Match::maybe;
  }
  if (undecided && !at_message_end) return std::nullopt;
  return Format::binary;
}

}  // namespace framewire
