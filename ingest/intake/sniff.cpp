#include "ingest/intake/sniff.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "ingest/codecs/sound_frame.h"
#include "ingest/mpegts/ts_packet.h"
#include "ingest/packets/packets.h"

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

//   RIFF size(4) WAVE ; of more than 4 GiB RF64 (EBU Tech 3306) or BW64 (ITU-R BS.2088)
Match wav(std::string_view start) {
  return both(either(magic(start, "RIFF"), either(magic(start, "RF64"), magic(start, "BW64"))),
              text_at(start, 8, "WAVE"));
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

// A message of text need not wait for what is searched for behind its first byte.
bool is_text(std::string_view start) {
  constexpr std::size_t kTextTells = 12;
  const auto plain = [](char c) { return (c >= ' ' && c <= '~') || c == '\n' || c == '\r'; };
  const std::string_view head = start.substr(0, kTextTells);
  return head.size() == kTextTells && std::all_of(head.begin(), head.end(), plain);
}

// One that begins inside a packet, or behind other bytes, or whose packets are in units of 192 or
// 204 bytes: four sync bytes in a grid.
Match mpegts_anywhere(std::string_view start) {
  if (is_text(start)) return Match::no;
  for (std::size_t first = 0; first < start.size(); ++first) {
    for (const ts::Grid& grid : ts::kGrids) {
      std::size_t seen = 0;
      for (std::size_t at = first; at < start.size() && start[at] == '\x47'; at += grid.unit)
        if (++seen == 4) return Match::yes;
    }
  }
  return start.size() < kSniffBytes ? Match::maybe : Match::no;
}

//   00 00 01 | 00 00 00 01, then the header of a unit that a stream begins with: H.264 7 (SPS),
//   9 (delimiter) or 6 (SEI); HEVC 32 (VPS), 33 (SPS), 35 (delimiter) or 39 (SEI)
enum class Nal : std::uint8_t { h264, hevc };
Match annex_b(std::string_view start, Nal codec) {
  const Match three = magic(start, "\0\0\1"sv), four = magic(start, "\0\0\0\1"sv);
  const Match code = either(three, four);
  if (code != Match::yes) return code;
  const std::size_t at = three == Match::yes ? 3 : 4;
  if (start.size() < at + 2) return Match::maybe;
  const auto first = static_cast<unsigned char>(start[at]),
             second = static_cast<unsigned char>(start[at + 1]);
  if (codec == Nal::h264) {
    const int type = first & 0x1f, ref = first >> 5;
    const bool begins = (type == 7 && ref > 0 && ref < 4) || ((type == 9 || type == 6) && ref == 0);
    return begins ? Match::yes : Match::no;
  }
  const int type = first >> 1;
  const bool begins = type == 32 || type == 33 || type == 35 || type == 39;
  return begins && second == 1 && (first & 0x81) == 0 ? Match::yes : Match::no;
}

// A frame, and another one where it ends, if that is among the first bytes.
Match framed_sound(std::string_view start, Format format, bool at_message_end) {
  if (start.empty()) return Match::maybe;
  if (start[0] != '\xff') return Match::no;
  std::size_t at = 0;
  for (int frames = 0; frames < 2; ++frames) {
    const bool alone = at_message_end && at == start.size();
    if (frames == 1 && (at + kSoundFrameHead > kSniffBytes || alone)) return Match::yes;
    if (start.size() < at + kSoundFrameHead) return Match::maybe;
    const auto frame = read_sound_frame(format, as_bytes(start.substr(at)));
    if (!frame) return Match::no;
    at += frame->bytes;
  }
  return Match::yes;
}

// One that begins inside a frame, as whoever joins a radio station gets it: a frame, and behind it
// another one of the same form and rate.
Match framed_sound_anywhere(std::string_view start, Format format) {
  if (is_text(start)) return Match::no;
  constexpr std::size_t kFormBytes = 2;  // sync, version, layer, checksum or none
  for (std::size_t at = 1; at + kSoundFrameHead <= start.size(); ++at) {
    if (start[at] != '\xff') continue;
    const auto frame = read_sound_frame(format, as_bytes(start.substr(at)));
    if (!frame || at + frame->bytes + kSoundFrameHead > start.size()) continue;
    const std::string_view behind = start.substr(at + frame->bytes);
    const auto next = read_sound_frame(format, as_bytes(behind));
    if (next && next->sample_rate == frame->sample_rate &&
        behind.substr(0, kFormBytes) == start.substr(at, kFormBytes))
      return Match::yes;
  }
  return start.size() < kSniffBytes ? Match::maybe : Match::no;
}

// ADTS behind an ID3 tag, as HLS' segments of sound begin.
Match tagged_adts(std::string_view start, bool at_message_end) {
  const Match tag = magic(start, "ID3");
  if (tag != Match::yes) return tag;
  if (start.size() < kId3Head) return Match::maybe;
  const std::size_t bytes = id3_bytes(as_bytes(start));
  if (bytes + kSoundFrameHead > kSniffBytes) return Match::no;
  if (start.size() < bytes + kSoundFrameHead) return Match::maybe;
  return framed_sound(start.substr(bytes), Format::aac, at_message_end);
}

}  // namespace

std::optional<Format> sniff(Bytes bytes, bool at_message_end) {
  const std::string_view start = as_text(bytes.first(std::min(bytes.size(), kSniffBytes)));
  const std::array<std::pair<Match, Format>, 19> matches = {{
      {magic(start, "\x1a\x45\xdf\xa3"), Format::webm},
      {mp4(start), Format::mp4},
      {start.empty() ? Match::maybe : mpegts(start, at_message_end), Format::mpegts},
      {magic(start, "FLV\x01"), Format::flv},
      {magic(start, "OggS"), Format::ogg},
      {magic(start, kPacketsMagic), Format::packets},
      {magic(start, "\xff\xd8\xff"), Format::jpeg},
      {magic(start, "\x89PNG\r\n\x1a\n"), Format::png},
      {webp(start), Format::webp},
      {wav(start), Format::wav},
      {tagged_adts(start, at_message_end), Format::aac},
      {magic(start, "ID3"), Format::mp3},
      {framed_sound(start, Format::aac, at_message_end), Format::aac},
      {framed_sound(start, Format::mp3, at_message_end), Format::mp3},
      {annex_b(start, Nal::h264), Format::h264},
      {annex_b(start, Nal::hevc), Format::hevc},
      {start.empty() ? Match::maybe : mpegts_anywhere(start), Format::mpegts},
      {framed_sound_anywhere(start, Format::aac), Format::aac},
      {framed_sound_anywhere(start, Format::mp3), Format::mp3},
  }};
  // What stands first in the table goes first, as soon as it can be told.
  bool undecided = false;
  std::optional<Format> known;
  for (const auto& [match, format] : matches) {
    if (match == Match::yes && !undecided) return format;
    if (match == Match::yes && !known) known = format;
    undecided = undecided || match == Match::maybe;
  }
  if (undecided && !at_message_end) return std::nullopt;
  return known.value_or(Format::binary);
}

}  // namespace framewire
