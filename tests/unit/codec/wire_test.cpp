// What passes between the server and its worker, cut in every way; and the bits of H.264 and MP4
// that are written by hand.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "codec/child/av/h264_sets.h"
#include "codec/child/containers/mp4_fragment.h"
#include "codec/child/containers/producer_time.h"
#include "codec/child/live/job_input.h"
#include "codec/job.h"
#include "ingest/base/unique_fd.h"

namespace framewire::codec {
namespace {

Buffer bytes_of(std::initializer_list<int> values) {
  Buffer out;
  for (const int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

class Pieces : public testing::TestWithParam<std::size_t> {};

TEST_P(Pieces, JobFramesComeWholeHoweverTheyAreCut) {
  Buffer wire;
  const auto add = [&](WorkerEvent kind, std::string_view text) {
    append_head(wire, {kind, text.size()});
    append(wire, as_bytes(text));
  };
  add(WorkerEvent::media, "moof and mdat");
  add(WorkerEvent::refused, "it does not fit");
  add(WorkerEvent::media, "more");
  add(WorkerEvent::ended, "");
  add(WorkerEvent::use_source, to_text(Instead{"h264", 1'790'000'000'000'000}));
  add(WorkerEvent::left_out, "a second sound");

  std::string media;
  std::vector<std::pair<WorkerEvent, std::string>> said;
  JobFrames frames;
  for (std::size_t at = 0; at < wire.size(); at += GetParam()) {
    const Bytes piece = Bytes{wire}.subspan(at, std::min(GetParam(), wire.size() - at));
    const auto fed = frames.feed(piece, [&](WorkerEvent kind, Bytes payload) {
      if (kind == WorkerEvent::media)
        media += as_text(payload);
      else
        said.emplace_back(kind, as_text(payload));
    });
    ASSERT_TRUE(fed) << fed.error().what;
  }
  EXPECT_EQ(media, "moof and mdatmore");
  ASSERT_EQ(said.size(), 4u);
  EXPECT_EQ(said[0], (std::pair{WorkerEvent::refused, std::string{"it does not fit"}}));
  EXPECT_EQ(said[1].first, WorkerEvent::ended);
  EXPECT_EQ(said[2], (std::pair{WorkerEvent::use_source, std::string{"h264 1790000000000000"}}));
  EXPECT_EQ(instead_from_text(said[2].second).output, "h264");
  EXPECT_EQ(instead_from_text(said[2].second).from_us, 1'790'000'000'000'000);
  EXPECT_EQ(instead_from_text("mpeg1").output, "mpeg1");
  EXPECT_EQ(instead_from_text("mpeg1").from_us, 0);
  EXPECT_EQ(said[3], (std::pair{WorkerEvent::left_out, std::string{"a second sound"}}));
}

INSTANTIATE_TEST_SUITE_P(All, Pieces, testing::Values(1, 2, 3, 7, 1000));

TEST(JobFrames, RefusesWhatNoWorkerSends) {
  for (const Buffer& wire :
       {bytes_of({0, 0, 0, 0, 1}), bytes_of({0, 0, 0, 1, 9}), bytes_of({0x7f, 0, 0, 0, 1})}) {
    JobFrames frames;
    EXPECT_FALSE(frames.feed(wire, [](WorkerEvent, Bytes) {}));
  }
}

TEST(Mp4Fragment, LeadsWithAKeyframeOfTheFirstTrack) {
  const auto leads = [](std::uint32_t track, bool sync) {
    return mp4_fragment_leads(mp4_fragment({7, track, sync, 3, 5, 1}, bytes_of({1, 2})));
  };
  EXPECT_TRUE(leads(1, true));
  EXPECT_FALSE(leads(1, false));
  EXPECT_FALSE(leads(2, true));
  EXPECT_FALSE(mp4_fragment_leads(Bytes{mp4_fragment({7, 1, true, 3, 5, 1}, {})}.first(90)));
}

TEST(ProducerTime, IsReadAsItWasWritten) {
  const Buffer fragment = mp4_fragment({1, 2, true, 3, 0, 1}, bytes_of({7}));
  for (const std::int64_t us : {0LL, 1LL, 1'790'000'000'999'999LL, 1'790'000'000'333'333LL}) {
    const Buffer box = producer_time_box(fragment, us);
    EXPECT_EQ(producer_time_us(box), us);
    EXPECT_FALSE(producer_time_us(Bytes{box}.first(31)));
  }
  EXPECT_FALSE(producer_time_us(fragment));
}

TEST(JobSpec, SurvivesItsJson) {
  const auto job = job_from_json(to_json({7, "cam/front", "mp4", std::nullopt}));
  ASSERT_TRUE(job);
  EXPECT_EQ(job->number, 7u);
  EXPECT_EQ(job->stream, "cam/front");
  EXPECT_EQ(job->output, "mp4");
  EXPECT_FALSE(job->transcoding);
  EXPECT_EQ(job->from_us, 0);
  const auto encoding = job_from_json(to_json({8, "cam", "h264", Transcoding{50, 800, 720}}));
  ASSERT_TRUE(encoding && encoding->transcoding);
  EXPECT_EQ(encoding->transcoding->quality, 50u);
  EXPECT_EQ(encoding->transcoding->kbps, 800u);
  EXPECT_EQ(encoding->transcoding->max_height, 720u);
  const auto goes_on =
      job_from_json(to_json({9, "cam", "mp4", std::nullopt, 1'790'000'000'123'456}));
  ASSERT_TRUE(goes_on);
  EXPECT_EQ(goes_on->from_us, 1'790'000'000'123'456);
  EXPECT_FALSE(job_from_json(R"({"job":1,"stream":"a","output":"b","transcoding":{"kbps":-1}})"));
  EXPECT_FALSE(job_from_json("[]"));
  EXPECT_FALSE(job_from_json(R"({"job":"seven"})"));
}

TEST(JobInput, ReadsTextsAndParts) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  const UniqueFd ours{pair[0]};
  UniqueFd theirs{pair[1]};
  Buffer wire = bytes_of({0x81, 2, '{', '}', 0x82, 126, 0, 35, /* v1: */ 2, 3, 34, 0});
  wire.resize(wire.size() + 30);
  wire[8 + 15] = std::byte{9};  // sequence
  append(wire, bytes_of({'x'}));
  ASSERT_EQ(send(theirs.get(), wire.data(), wire.size(), 0), static_cast<ssize_t>(wire.size()));
  theirs.reset();

  int idle = 0;
  JobInput input{ours.get(),
                 [&] {
                   ++idle;
                   return false;
                 },
                 [] {}};
  auto text = input.next();
  ASSERT_TRUE(text && *text);
  EXPECT_TRUE((*text)->text);
  EXPECT_EQ(as_text((*text)->payload), "{}");
  auto part = input.next();
  ASSERT_TRUE(part && *part);
  EXPECT_EQ((*part)->header.kind, V1Kind::media);
  EXPECT_TRUE((*part)->header.group_start());
  EXPECT_TRUE((*part)->header.lead_in());
  EXPECT_EQ((*part)->header.sequence, 9u);
  EXPECT_EQ(as_text((*part)->payload), "x");
  auto end = input.next();
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
  EXPECT_EQ(idle, 0);
}

TEST(JobInput, RefusesWhatNoServerSends) {
  for (const Buffer& wire : {bytes_of({0x01, 0}), bytes_of({0x82, 1, 0}), bytes_of({0x81, 0xff}),
                             bytes_of({0x82, 127, 0x7f, 0, 0, 0, 0, 0, 0, 0})}) {
    int pair[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    const UniqueFd ours{pair[0]};
    const UniqueFd theirs{pair[1]};
    ASSERT_EQ(send(theirs.get(), wire.data(), wire.size(), 0), static_cast<ssize_t>(wire.size()));
    shutdown(theirs.get(), SHUT_WR);
    JobInput input{ours.get(), [] { return false; }, [] {}};
    const auto message = input.next();
    EXPECT_TRUE(!message || !*message);
  }
}

TEST(H264, ParameterSetsAreFoundAndLeftOut) {
  const Buffer unit = bytes_of(
      {0, 0, 0, 1, 9, 0xf0, 0, 0, 1, 0x67, 1, 2, 0, 0, 0, 1, 0x68, 3, 0, 0, 1, 0x65, 4, 5, 6});
  EXPECT_EQ(h264_parameter_sets(unit), bytes_of({0, 0, 0, 1, 0x67, 1, 2, 0, 0, 0, 1, 0x68, 3}));
  EXPECT_EQ(h264_length_prefixed(unit, H264Sets::left_out), bytes_of({0, 0, 0, 4, 0x65, 4, 5, 6}));
  EXPECT_EQ(h264_length_prefixed(unit, H264Sets::kept),
            bytes_of({0, 0, 0, 3, 0x67, 1, 2, 0, 0, 0, 2, 0x68, 3, 0, 0, 0, 4, 0x65, 4, 5, 6}));
}

TEST(H264, HalfAPairOfSetsIsNone) {
  EXPECT_TRUE(h264_parameter_sets(bytes_of({0, 0, 1, 0x67, 1, 0, 0, 1, 0x65, 2})).empty());
  EXPECT_TRUE(h264_parameter_sets({}).empty());
  EXPECT_TRUE(h264_length_prefixed(bytes_of({1, 2, 3}), H264Sets::kept).empty());
  EXPECT_TRUE(h264_length_prefixed(bytes_of({0, 0, 1}), H264Sets::kept).empty());
}

TEST(Mp4Fragment, SaysItsSizesAndTimes) {
  const Buffer data = bytes_of({1, 2, 3});
  const Buffer fragment = mp4_fragment({.fragment = 5,
                                        .track = 2,
                                        .sync = true,
                                        .dts = 0x1'0000'0001,
                                        .composition_offset = -1,
                                        .duration = 3000},
                                       data);
  const auto u32 = [&](std::size_t at) { return load_be<std::uint32_t>(fragment, at); };
  EXPECT_EQ(u32(0), 104u);  // moof
  EXPECT_EQ(u32(20), 5u);   // mfhd: its number
  EXPECT_EQ(u32(44), 2u);   // tfhd: its track
  EXPECT_EQ(load_be<std::uint64_t>(fragment, 60), 0x1'0000'0001u);
  EXPECT_EQ(u32(84), 112u);  // trun: where the data stands
  EXPECT_EQ(u32(88), 3000u);
  EXPECT_EQ(u32(92), 3u);
  EXPECT_EQ(u32(96), 0x02000000u);
  EXPECT_EQ(u32(100), 0xffffffffu);
  EXPECT_EQ(u32(104), 11u);  // mdat
  EXPECT_EQ(fragment.size(), 115u);
}

}  // namespace
}  // namespace framewire::codec
