#include "codec/child/containers/mp4_header.h"

#include <algorithm>

namespace framewire::codec {
namespace {

class Boxes {
 public:
  // Runs `fill`, which writes the box's content.
  template <class Fill>
  Boxes& box(std::string_view type, Fill fill) {
    const std::size_t at = out.size();
    zeros(4);
    append(out, as_bytes(type));
    fill();
    store_be(&out[at], static_cast<std::uint32_t>(out.size() - at));
    return *this;
  }
  template <class Fill>
  Boxes& full_box(std::string_view type, std::uint32_t version_and_flags, Fill fill) {
    return box(type, [&] {
      u32(version_and_flags);
      fill();
    });
  }
  Boxes& u8(std::uint32_t value) { return put(value, 1); }
  Boxes& u16(std::uint32_t value) { return put(value, 2); }
  Boxes& u32(std::uint32_t value) { return put(value, 4); }
  Boxes& zeros(std::size_t count) {
    out.resize(out.size() + count);
    return *this;
  }
  Boxes& bytes(Bytes data) {
    append(out, data);
    return *this;
  }

  Buffer out;

 private:
  Boxes& put(std::uint32_t value, int count) {
    while (count-- > 0) out.push_back(static_cast<std::byte>(value >> (8 * count) & 0xff));
    return *this;
  }
};

void put_matrix(Boxes& to) {
  for (const std::uint32_t value : {0x10000u, 0u, 0u, 0u, 0x10000u, 0u, 0u, 0u, 0x40000000u})
    to.u32(value);
}

//  ES_Descriptor [ DecoderConfigDescriptor [ DecoderSpecificInfo ] ], sizes in one byte each
void put_esds(Boxes& to, Bytes configuration) {
  const auto size = static_cast<std::uint32_t>(std::min<std::size_t>(configuration.size(), 64));
  to.full_box("esds", 0, [&] {
    to.u8(3).u8(3 + 2 + 13 + 2 + size).u16(0).u8(0);
    to.u8(4).u8(13 + 2 + size).u8(0x40).u8(0x15).zeros(11);
    to.u8(5).u8(size).bytes(configuration.first(size));
  });
}

//  OpusHead: magic(8) version channels pre-skip(2) rate(4) gain(2) family ..., little-endian
void put_opus(Boxes& to, Bytes head) {
  if (head.size() < 19) return;
  const auto le16 = [&](std::size_t at) {
    return std::to_integer<std::uint32_t>(head[at]) | std::to_integer<std::uint32_t>(head[at + 1])
                                                          << 8;
  };
  to.box("dOps", [&] {
    to.u8(0).bytes(head.subspan(9, 1)).u16(le16(10)).u16(le16(14)).u16(le16(12)).u16(le16(16));
    to.bytes(head.subspan(18));
  });
}

void put_video(Boxes& to, const Mp4Track& track) {
  to.box(track.four_cc, [&] {
    to.zeros(6).u16(1).zeros(16).u16(track.info.width).u16(track.info.height);
    to.u32(0x480000).u32(0x480000).u32(0).u16(1).zeros(32).u16(24).u16(0xffff);
    const std::string_view box = track.four_cc == "avc1"   ? "avcC"
                                 : track.four_cc == "hvc1" ? "hvcC"
                                 : track.four_cc == "av01" ? "av1C"
                                                           : "";
    if (!box.empty() && !track.configuration.empty())
      to.box(box, [&] { to.bytes(track.configuration); });
  });
}

void put_audio(Boxes& to, const Mp4Track& track) {
  to.box(track.four_cc, [&] {
    to.zeros(6).u16(1).zeros(8).u16(track.info.channels).u16(16).zeros(4);
    to.u32(track.info.sample_rate << 16);
    if (track.four_cc == "mp4a") put_esds(to, track.configuration);
    if (track.four_cc == "Opus") put_opus(to, track.configuration);
    if (track.four_cc == "fLaC" && track.configuration.size() > 4)
      to.full_box("dfLa", 0, [&] { to.bytes(track.configuration.subspan(4)); });
  });
}

void put_track(Boxes& to, const Mp4Track& track, std::uint32_t timescale) {
  const bool video = track.info.kind == TrackKind::video;
  to.box("trak", [&] {
    to.full_box("tkhd", 3, [&] {
      to.zeros(8).u32(track.id).zeros(8).zeros(8).u16(0).u16(0).u16(video ? 0 : 0x100).u16(0);
      put_matrix(to);
      to.u32(track.info.width << 16).u32(track.info.height << 16);
    });
    to.box("mdia", [&] {
      to.full_box("mdhd", 0, [&] { to.zeros(8).u32(timescale).u32(0).u16(0x55c4).u16(0); });
      to.full_box("hdlr", 0,
                  [&] { to.u32(0).bytes(as_bytes(video ? "vide" : "soun")).zeros(12).zeros(1); });
      to.box("minf", [&] {
        if (video)
          to.full_box("vmhd", 1, [&] { to.zeros(8); });
        else
          to.full_box("smhd", 0, [&] { to.zeros(4); });
        to.box("dinf",
               [&] { to.full_box("dref", 0, [&] { to.u32(1).full_box("url ", 1, [] {}); }); });
        to.box("stbl", [&] {
          to.full_box("stsd", 0, [&] {
            to.u32(1);
            video ? put_video(to, track) : put_audio(to, track);
          });
          for (const std::string_view table : {"stts", "stsc", "stco"})
            to.full_box(table, 0, [&] { to.u32(0); });
          to.full_box("stsz", 0, [&] { to.u32(0).u32(0); });
        });
      });
    });
  });
}

}  // namespace

Buffer mp4_header(const std::vector<Mp4Track>& tracks, std::uint32_t timescale) {
  Boxes to;
  to.box("ftyp", [&] { to.bytes(as_bytes("iso5")).u32(512).bytes(as_bytes("iso5iso6mp41")); });
  to.box("moov", [&] {
    to.full_box("mvhd", 0, [&] {
      to.zeros(8).u32(timescale).u32(0).u32(0x10000).u16(0x100).zeros(10);
      put_matrix(to);
      to.zeros(24).u32(static_cast<std::uint32_t>(tracks.size() + 1));
    });
    for (const Mp4Track& track : tracks) put_track(to, track, timescale);
    to.box("mvex", [&] {
      for (const Mp4Track& track : tracks)
        to.full_box("trex", 0, [&] { to.u32(track.id).u32(1).zeros(12); });
    });
  });
  return std::move(to.out);
}

}  // namespace framewire::codec
