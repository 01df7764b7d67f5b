// Raw H.264 and HEVC as MPEG-TS: pictures in the order in which they tell to be shown.
#include "ingest/bare/elementary_cutter.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "cut_helpers.h"
#include "ordered_pictures.h"

namespace framewire::test {
namespace {

constexpr std::int64_t kStep = 3600;  // 90 kHz, 25 a second

struct Times {
  std::int64_t pts = 0, dts = 0;
};

// Of each PES packet of the only stream.
std::vector<Times> times_of(Bytes ts) {
  std::vector<Times> out;
  for (std::size_t at = 0; at + 188 <= ts.size(); at += 188) {
    const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(ts[at + i]); };
    if ((byte(1) & 0x5f) != 0x41 || byte(2) != 0) continue;  // PID 0x100, where a PES begins
    const std::size_t pes = (byte(3) & 0x20) != 0 ? 5 + byte(4) : 4;
    const auto time = [&](std::size_t i) {
      return static_cast<std::int64_t>((byte(i) >> 1 & 7) << 30 | byte(i + 1) << 22 |
                                       (byte(i + 2) >> 1) << 15 | byte(i + 3) << 7 |
                                       byte(i + 4) >> 1);
    };
    Times one;
    one.pts = one.dts = time(pes + 9);
    if ((byte(pes + 7) & 0x40) != 0) one.dts = time(pes + 14);
    out.push_back(one);
  }
  return out;
}

struct Cut {
  std::vector<Times> times;
  std::vector<std::string> notes;
};

class NotingSink : public RecordingSink {
 public:
  void on_note(const CutNote& note) override { notes.push_back(note.code); }
  std::vector<std::string> notes;
};

Cut cut(const OrderedPictures& row, const std::string& stream, std::size_t piece) {
  NotingSink sink;
  CutterOptions options;
  options.fps = 25;
  const auto cutter = make_elementary_cutter(
      row.codec == PictureOrder::Codec::h264 ? Format::h264 : Format::hevc, options, sink);
  EXPECT_TRUE(feed_in(*cutter, as_bytes(stream), piece));
  EXPECT_TRUE(cutter->finish());
  return {times_of(sink.joined()), sink.notes};
}

std::string annex_b(const OrderedPictures& row) {
  std::string stream;
  for (const std::string& set : row.sets) stream += with_start_code(from_hex(set));
  for (const auto& [slice, place] : row.pictures) stream += with_start_code(from_hex(slice));
  return stream;
}

class RawVideo : public testing::TestWithParam<OrderedPictures> {};

TEST_P(RawVideo, IsShownInTheOrderThatItTells) {
  const OrderedPictures& row = GetParam();
  for (const std::size_t piece : {std::size_t{0}, std::size_t{1}, std::size_t{50}}) {
    const auto [times, notes] = cut(row, annex_b(row), piece);
    ASSERT_EQ(times.size(), row.pictures.size());
    const std::int64_t first = times[0].pts;
    for (std::size_t i = 0; i < times.size(); ++i) {
      EXPECT_EQ(times[i].dts, 90'000 + kStep * static_cast<std::int64_t>(i));
      EXPECT_GE(times[i].pts, times[i].dts);
      EXPECT_EQ(times[i].pts - first, kStep * row.pictures[i].second) << i;
    }
    EXPECT_TRUE(notes.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(All, RawVideo, testing::ValuesIn([] {
                           // What may be shown before an IDR picture that it follows is not
                           // counted.
                           std::vector<OrderedPictures> rows;
                           for (const OrderedPictures& row : kOrderedPictures)
                             if (row.name != "hevc_radl") rows.push_back(row);
                           return rows;
                         }()),
                         [](const auto& row) { return row.param.name; });

TEST(RawVideoThatDoesNotTellItsOrder, IsShownAsItCameAndNoted) {
  const OrderedPictures* radl = nullptr;
  for (const OrderedPictures& row : kOrderedPictures)
    if (row.name == "hevc_radl") radl = &row;
  const auto [times, notes] = cut(*radl, annex_b(*radl), 0);
  ASSERT_EQ(times.size(), radl->pictures.size());
  for (const Times& one : times) EXPECT_GE(one.pts, one.dts);
  EXPECT_EQ(notes, std::vector<std::string>{"raw-video-order"});
}

}  // namespace
}  // namespace framewire::test
