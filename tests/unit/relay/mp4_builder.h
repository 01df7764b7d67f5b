// Fragmented MP4 for tests: an init segment of a picture track and a sound track, and fragments of
// them. Timescale 1,000,000: ticks are microseconds.
#pragma once
#include <cstdint>
#include <string>

#include "ingest/base/bytes.h"
#include "ingest/cut/cutter.h"

namespace framewire::test {

constexpr std::uint32_t kPicture = 1;
constexpr std::uint32_t kSound = 2;

template <class T>
std::string be(T value) {
  std::string out(sizeof value, '\0');
  store_be(reinterpret_cast<std::byte*>(out.data()), value);
  return out;
}
inline std::string be32(std::uint32_t value) {
  return be(value);
}
inline std::string mp4_box(const std::string& type, const std::string& body) {
  return be32(static_cast<std::uint32_t>(8 + body.size())) + type + body;
}
inline std::string mp4_trak(std::uint32_t id, const std::string& handler,
                            const std::string& entry) {
  const std::string body(handler == "vide" ? 78 : 28, '\0');
  return mp4_box(
      "trak",
      mp4_box("tkhd", std::string(12, '\0') + be32(id) + std::string(64, '\0')) +
          mp4_box("mdia",
                  mp4_box("mdhd", std::string(12, '\0') + be32(1'000'000) + be32(0) + be32(0)) +
                      mp4_box("hdlr", std::string(8, '\0') + handler + std::string(13, '\0')) +
                      mp4_box("minf", mp4_box("stbl", mp4_box("stsd", be32(0) + be32(1) +
                                                                          mp4_box(entry, body))))));
}
inline std::string mp4_init(bool picture, bool sound) {
  return mp4_box("ftyp", "isom" + be32(512)) +
         mp4_box("moov", mp4_box("mvhd", std::string(100, '\0')) +
                             (picture ? mp4_trak(kPicture, "vide", "avc1") : "") +
                             (sound ? mp4_trak(kSound, "soun", "mp4a") : "") + mp4_box("mvex", ""));
}
// One sample.
inline std::string mp4_sample(std::uint32_t track, std::int64_t dts_us, std::uint32_t duration_us,
                              bool sync, std::size_t size = 10) {
  constexpr std::uint32_t kNotSync = 0x01010000;
  return mp4_box("moof",
                 mp4_box("mfhd", be32(0) + be32(1)) +
                     mp4_box("traf", mp4_box("tfhd", be32(0x020000) + be32(track)) +
                                         mp4_box("tfdt", be32(0x01000000) + be(dts_us)) +
                                         mp4_box("trun", be32(0x000501) + be32(1) + be32(0) +
                                                             be32(duration_us) +
                                                             be32(sync ? 0x02000000 : kNotSync)))) +
         mp4_box("mdat", std::string(size, 'm'));
}

inline EpochInfo mp4_info() {
  EpochInfo info;
  info.format = Format::mp4;
  info.mime = "video/mp4; codecs=\"avc1.42C01E,mp4a.40.2\"";
  info.tracks = {{TrackKind::video, "avc1.42C01E", 640, 360, 0, 0},
                 {TrackKind::audio, "mp4a.40.2", 0, 0, 48'000, 2}};
  return info;
}

}  // namespace framewire::test
