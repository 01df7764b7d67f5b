#include "ingest/intake/foreign_format.h"

#include <array>

namespace framewire {
namespace {

using namespace std::string_view_literals;

struct Foreign {
  std::string_view start;
  std::string_view behind;  // of `at`
  std::size_t at;
  std::string_view name;
};

// Sources: each format's own signature, as FFmpeg's and file(1)'s tables have it.
constexpr std::array kForeign = {
    Foreign{"RIFF"sv, "AVI "sv, 8, "AVI"sv},
    Foreign{"riff\x2e\x91\xcf\x11"sv, ""sv, 0, "Wave64"sv},
    Foreign{"FORM"sv, "AIF"sv, 8, "AIFF"sv},
    Foreign{"caff"sv, ""sv, 0, "CAF"sv},
    Foreign{".snd"sv, ""sv, 0, "Sun AU"sv},
    Foreign{"fLaC"sv, ""sv, 0, "FLAC without a container"sv},
    Foreign{"#!AMR"sv, ""sv, 0, "AMR"sv},
    Foreign{"\x0b\x77"sv, ""sv, 0, "AC-3 without a container"sv},
    Foreign{"\x7f\xfe\x80\x01"sv, ""sv, 0, "DTS without a container"sv},
    Foreign{"DKIF"sv, ""sv, 0, "IVF"sv},
    Foreign{"YUV4MPEG2 "sv, ""sv, 0, "YUV4MPEG"sv},
    Foreign{"\0\0\1\xba"sv, ""sv, 0, "an MPEG program stream"sv},
    Foreign{"\0\0\1\xb3"sv, ""sv, 0, "MPEG video without a container"sv},
    Foreign{"\x30\x26\xb2\x75\x8e\x66\xcf\x11"sv, ""sv, 0, "ASF"sv},
    Foreign{".RMF"sv, ""sv, 0, "RealMedia"sv},
    Foreign{"nut/multimedia container"sv, ""sv, 0, "NUT"sv},
    Foreign{"\0"sv, "moov"sv, 4, "QuickTime without 'ftyp'"sv},
    Foreign{"\0"sv, "mdat"sv, 4, "QuickTime without 'ftyp'"sv},
    Foreign{"\0"sv, "wide"sv, 4, "QuickTime without 'ftyp'"sv},
    Foreign{"GIF8"sv, ""sv, 0, "GIF"sv},
    Foreign{"BM"sv, "\0\0\0\0"sv, 6, "BMP"sv},
    Foreign{"II*\0"sv, ""sv, 0, "TIFF"sv},
    Foreign{"MM\0*"sv, ""sv, 0, "TIFF"sv},
    Foreign{"#EXTM3U"sv, ""sv, 0, "an HLS playlist"sv},
    Foreign{"<?xml"sv, ""sv, 0, "XML"sv},
    Foreign{"v=0\n"sv, ""sv, 0, "SDP"sv},
    Foreign{"v=0\r\n"sv, ""sv, 0, "SDP"sv},
};

}  // namespace

std::optional<std::string_view> name_foreign_format(Bytes bytes) {
  const std::string_view start = as_text(bytes);
  for (const Foreign& one : kForeign)
    if (start.substr(0, one.start.size()) == one.start &&
        (one.behind.empty() ||
         (start.size() > one.at && start.substr(one.at, one.behind.size()) == one.behind)))
      return one.name;
  return std::nullopt;
}

}  // namespace framewire
