// What other writers than FFmpeg's do with H.264 and AAC, legally: each packet once, at its time.
// tests/e2e/lib/odd_written.mjs does it with the server.
#include <gtest/gtest.h>

#include <cstdio>
#include <utility>

#include "codec/child/files/media_file.h"
#include "codec/child/files/remux_file.h"
#include "odd_streams.h"

namespace framewire::codec {
namespace {

constexpr std::size_t kTs = 188;
constexpr std::uint16_t kPictures = 0x100;  // as FFmpeg numbers them; sound is the next one
constexpr std::size_t kFlvHead = 13, kTagHead = 11, kBehindTag = 4;

std::uint32_t u8(Bytes from, std::size_t at) {
  return std::to_integer<std::uint32_t>(from[at]);
}
std::uint32_t u24(Bytes from, std::size_t at) {
  return u8(from, at) << 16 | u8(from, at + 1) << 8 | u8(from, at + 2);
}

// Calls take(tag without its size behind) for each tag.
template <class Take>
void for_tags(Bytes flv, const Take& take) {
  for (std::size_t at = kFlvHead; at + kTagHead <= flv.size();) {
    const std::size_t size = kTagHead + u24(flv, at + 1);
    take(flv.subspan(at, size));
    at += size + kBehindTag;
  }
}
bool is_picture(Bytes tag) {
  return u8(tag, 0) == 9 && tag.size() > kTagHead + 5;
}
bool is_configuration(Bytes tag) {
  return is_picture(tag) && u8(tag, kTagHead + 1) == 0;
}

// nginx-rtmp and SRS do so for those who join.
Buffer with_configurations_again(const Buffer& flv) {
  Buffer out{flv.begin(), flv.begin() + kFlvHead};
  Bytes configuration;
  const auto put = [&](Bytes tag, Bytes like) {
    Buffer made{tag.begin(), tag.end()};
    std::copy_n(like.begin() + 4, 4, made.begin() + 4);  // its time
    std::byte size[4];
    store_be(size, static_cast<std::uint32_t>(made.size()));
    append(out, made);
    append(out, size);
  };
  for_tags(flv, [&](Bytes tag) {
    if (is_configuration(tag)) configuration = tag;
    const bool key = is_picture(tag) && !is_configuration(tag) && u8(tag, kTagHead) == 0x17;
    if (key && !configuration.empty()) put(configuration, tag);
    put(tag, tag);
  });
  return out;
}

TEST(OddFlv, AConfigurationThatComesAgainChangesNothing) {
  const Buffer flv = with_configurations_again(odd_file("flv-wrap-2-31-ms.flv"));
  for (const OddOutput& output : {OddOutput{"mp4", Format::mp4}, OddOutput{"h264", Format::mp4},
                                  OddOutput{"ts", Format::mpegts}, OddOutput{"flv", Format::flv}}) {
    const Made made = remuxed(Format::flv, {flv}, std::get<0>(output));
    ASSERT_TRUE(made.done) << made.done.error().what;
    check({"", 125, 236}, times_of(std::get<1>(output), made.bytes));
    if (std::get<1>(output) != Format::flv) continue;
    for_tags(made.bytes, [](Bytes tag) {
      if (!is_picture(tag) || is_configuration(tag)) return;
      std::size_t at = kTagHead + 5;  // NAL units, each behind its length
      while (at + 4 <= tag.size()) at += 4 + load_be<std::uint32_t>(tag, at);
      EXPECT_EQ(at, tag.size());
    });
  }
}

// Calls take(payload) for each packet that begins an access unit.
template <class Take>
void for_pictures(Buffer& ts, const Take& take) {
  for (std::size_t at = 0; at + kTs <= ts.size(); at += kTs) {
    const std::span packet = std::span{ts}.subspan(at, kTs);
    const bool starts = (u8(packet, 1) & 0x40) != 0;
    if (!starts || (load_be<std::uint16_t>(packet, 1) & 0x1fff) != kPictures) continue;
    take(packet.subspan((u8(packet, 3) & 0x20) != 0 ? 5 + u8(packet, 4) : 4));
  }
}

TEST(OddTs, ZeroBytesMayStandBeforeAStartCode) {
  Buffer ts = odd_file("ts-wrap-near.ts");
  int delimiters = 0;
  for_pictures(ts, [&](std::span<std::byte> pes) {
    const std::span unit = pes.subspan(9 + u8(pes, 8), 6);
    if (load_be<std::uint32_t>(unit) != 1 || u8(unit, 4) != 9) return;
    std::fill(unit.begin(), unit.end(), std::byte{0});
    ++delimiters;
  });
  EXPECT_EQ(delimiters, 125);
  for (const OddOutput& output : {OddOutput{"mp4", Format::mp4}, OddOutput{"ts", Format::mpegts},
                                  OddOutput{"flv", Format::flv}}) {
    const Made made = remuxed(Format::mpegts, {ts}, std::get<0>(output));
    ASSERT_TRUE(made.done) << made.done.error().what;
    check({"", 125, 236}, times_of(std::get<1>(output), made.bytes));
  }
}

// A run of samples that are decoded later than they came, and shown when they were.
class Run {
 public:
  explicit Run(std::int32_t later) : later_(later) {}
  bool empty() const { return samples_.empty(); }
  int negative() const { return negative_; }

  // fragment: its moof, as mp4_fragment.h writes it:
  // moof [ mfhd(16)  traf [ tfhd(16)  tfdt: .. time(8)  trun: .. duration size flags offset ] ]
  void add(Bytes fragment, Bytes data) {
    constexpr std::size_t kTime = 8 + 16 + 8 + 16 + 8 + 4, kSample = kTime + 8 + 8 + 12;
    if (empty()) time_ = load_be<std::uint64_t>(fragment, kTime);
    Buffer sample{fragment.begin() + kSample, fragment.begin() + kSample + 16};
    const auto offset = static_cast<std::int32_t>(load_be<std::uint32_t>(sample, 12)) - later_;
    store_be(&sample[12], static_cast<std::uint32_t>(offset));
    negative_ += offset < 0 ? 1 : 0;
    append(samples_, sample);
    append(data_, data);
  }

  void put(Buffer& to) {
    const auto size = static_cast<std::uint32_t>(samples_.size());
    const std::uint32_t trun = 20 + size, traf = 8 + 16 + 20 + trun, moof = 8 + 16 + traf;
    const auto u32 = [&](std::uint32_t value) {
      to.resize(to.size() + 4);
      store_be(&to[to.size() - 4], value);
    };
    const auto box = [&](std::uint32_t bytes, std::string_view type) {
      u32(bytes);
      append(to, as_bytes(type));
    };
    box(moof, "moof");
    box(16, "mfhd");
    u32(0);
    u32(1);
    box(traf, "traf");
    box(16, "tfhd");
    u32(0x020000);
    u32(1);
    box(20, "tfdt");
    u32(0x01000000);
    const std::uint64_t time = time_ + static_cast<std::uint64_t>(later_);
    u32(static_cast<std::uint32_t>(time >> 32));
    u32(static_cast<std::uint32_t>(time));
    box(trun, "trun");
    u32(0x01000f01);
    u32(size / 16);
    u32(moof + 8);
    append(to, samples_);
    box(8 + static_cast<std::uint32_t>(data_.size()), "mdat");
    append(to, data_);
    samples_.clear();
    data_.clear();
  }

 private:
  const std::int32_t later_;
  std::uint64_t time_ = 0;
  Buffer samples_, data_;
  int negative_ = 0;
};

// A fragment for each group of pictures; sound as it is.
Buffer shown_before_decoded(Bytes mp4, std::int32_t later) {
  constexpr std::size_t kTrack = 8 + 16 + 8 + 12, kFlags = 8 + 16 + 8 + 16 + 20 + 20 + 8;
  Buffer out;
  Run run{later};
  for (std::size_t at = 0; at + 8 <= mp4.size();) {
    const auto size = load_be<std::uint32_t>(mp4, at);
    const bool pictures =
        as_text(mp4.subspan(at + 4, 4)) == "moof" && load_be<std::uint32_t>(mp4, at + kTrack) == 1;
    const Bytes box = mp4.subspan(at, size);
    at += size;
    if (!pictures) {
      append(out, box);
      continue;
    }
    const auto data = load_be<std::uint32_t>(mp4, at);
    const bool key = load_be<std::uint32_t>(box, kFlags) == 0x02000000;
    if (key && !run.empty()) run.put(out);
    run.add(box, mp4.subspan(at + 8, data - 8));
    at += data;
  }
  run.put(out);
  EXPECT_GT(run.negative(), 20);
  return out;
}

TEST(OddMp4, PicturesMayBeShownBeforeTheyAreDecoded) {
  constexpr std::int32_t kTwoPictures = 2 * 90'000 / 25;
  const Buffer mp4 =
      shown_before_decoded(remuxed("mkv-h264-bframes.mkv", "mp4").bytes, kTwoPictures);
  for (const OddOutput& output : {OddOutput{"mp4", Format::mp4}, OddOutput{"ts", Format::mpegts},
                                  OddOutput{"flv", Format::flv}, OddOutput{"h264", Format::mp4}}) {
    const Made made = remuxed(Format::mp4, {mp4}, std::get<0>(output));
    ASSERT_TRUE(made.done) << made.done.error().what;
    check({"", 125, 236}, times_of(std::get<1>(output), made.bytes));
  }
}

// A file that goes when the test ends.
class TemporaryFile {
 public:
  explicit TemporaryFile(const Buffer& bytes = {}) {
    EXPECT_EQ(std::fwrite(bytes.data(), 1, bytes.size(), file_), bytes.size());
    std::fflush(file_);
  }
  ~TemporaryFile() { std::fclose(file_); }
  int fd() const { return fileno(file_); }

 private:
  std::FILE* file_ = std::tmpfile();
};

TEST(OddRecordings, PicturesWithoutTimesAreGivenSome) {
  Buffer ts = odd_file("ts-aac-promised.ts");
  int pictures = 0;
  for_pictures(ts, [&](std::span<std::byte> pes) {
    if (pictures++ % 2 == 0) return;
    pes[7] &= std::byte{0x3f};
    std::fill_n(pes.begin() + 9, u8(pes, 8), std::byte{0xff});
  });
  const TemporaryFile in{ts}, out;
  auto film = MediaFile::open(Format::mpegts, in.fd());
  ASSERT_TRUE(film) << film.error().what;
  ASSERT_TRUE(remux_file(**film, "ts", out.fd()));
  EXPECT_TRUE((*film)->facts().mended);
  EXPECT_EQ((*film)->facts().pictures, 125u);
}

// ISO/IEC 13818-1, annex A.
std::uint32_t crc_of(Bytes section) {
  std::uint32_t crc = 0xffffffff;
  for (const std::byte byte : section) {
    crc ^= std::to_integer<std::uint32_t>(byte) << 24;
    for (int i = 0; i < 8; ++i) crc = crc << 1 ^ ((crc >> 31) != 0 ? 0x04c11db7u : 0u);
  }
  return crc;
}

// Its tracks have other PIDs, which a PMT of another version names; on another PID, too, if to_pmt
// says so: then the PAT names that.
Buffer on_other_pids(Buffer ts, std::uint16_t to_pmt) {
  constexpr std::uint16_t kPmt = 0x1000, kBy = 0x200;
  const auto move = [&](std::size_t at) {
    const auto pid = load_be<std::uint16_t>(ts, at);
    store_be(&ts[at], static_cast<std::uint16_t>(pid + kBy));
  };
  for (std::size_t at = 0; at + kTs <= ts.size(); at += kTs) {
    const std::uint16_t pid = load_be<std::uint16_t>(ts, at + 1) & 0x1fff;
    if (pid == kPictures || pid == kPictures + 1) move(at + 1);
    if (pid == 0 && to_pmt != kPmt) {
      // pointer(1) | table(1) length(2) stream(2) version(1) number(2) | program(2) PID(2) | CRC(4)
      const std::size_t section = at + 5;
      ts[section + 5] ^= std::byte{2};
      store_be(&ts[section + 10], static_cast<std::uint16_t>(0xe000 | to_pmt));
      store_be(&ts[section + 12], crc_of(Bytes{ts}.subspan(section, 12)));
    }
    if (pid != kPmt) continue;
    store_be(&ts[at + 1], static_cast<std::uint16_t>(0x4000 | to_pmt));
    // pointer(1) | table(1) length(2) program(2) version(1) ... PCR's PID(2) descriptors(2) ...
    const std::size_t section = at + 5;
    const std::size_t size = 3 + (load_be<std::uint16_t>(ts, section + 1) & 0xfff);
    ts[section + 5] ^= std::byte{2};
    move(section + 8);
    std::size_t track = section + 12 + (load_be<std::uint16_t>(ts, section + 10) & 0xfff);
    for (; track + 5 <= section + size - 4;
         track += 5 + (load_be<std::uint16_t>(ts, track + 3) & 0xfff))
      move(track + 1);
    store_be(&ts[section + size - 4], crc_of(Bytes{ts}.subspan(section, size - 4)));
  }
  return ts;
}

TEST(OddRecordings, ATrackMayChangeItsPid) {
  for (const std::uint16_t pmt : std::vector<std::uint16_t>{0x1000, 0x1100}) {
    const Buffer first = odd_file("ts-wrap-near.ts");
    Buffer both = first;
    append(both, on_other_pids(first, pmt));
    const TemporaryFile in{both}, out;
    auto film = MediaFile::open(Format::mpegts, in.fd());
    ASSERT_TRUE(film) << film.error().what;
    EXPECT_EQ((*film)->tracks(), 2u);
    ASSERT_TRUE(remux_file(**film, "ts", out.fd()));
    EXPECT_EQ((*film)->facts().pictures, 250u);
    EXPECT_TRUE((*film)->facts().mended);
  }
}

// Pieces put together go on in time.
TEST(OddRecordings, OtherPidsAloneAreToBeMended) {
  const Buffer first = odd_file("ts-aac-promised.ts");
  std::size_t half = first.size() / kTs / 2 * kTs;
  while ((load_be<std::uint16_t>(first, half + 1) & 0x1fff) != 0) half += kTs;  // to a PAT
  const auto middle = first.begin() + static_cast<std::ptrdiff_t>(half);
  Buffer both{first.begin(), middle};
  append(both, on_other_pids({middle, first.end()}, 0x1100));
  for (const bool moves : {false, true}) {
    const TemporaryFile in{moves ? both : first};
    auto film = MediaFile::open(Format::mpegts, in.fd());
    ASSERT_TRUE(film) << film.error().what;
    (*film)->read(INT64_MAX, [](AVPacket&) { return 0; });
    EXPECT_EQ((*film)->facts().pictures, 125u);
    EXPECT_EQ((*film)->facts().mended, moves);
  }
}

}  // namespace
}  // namespace framewire::codec
