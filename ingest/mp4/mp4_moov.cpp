#include <fmt/format.h>

#include "ingest/base/try.h"
#include "ingest/mp4/mp4_boxes.h"
#include "ingest/mp4/mp4_sample_entry.h"

namespace framewire::mp4 {
namespace {

// Hands each box in `container` to on_box, up to the first error.
template <class OnBox>
Result<void> for_each_box(const Box& container, OnBox on_box) {
  BoxReader boxes(container.body, container.body_offset);
  while (true) {
    ASSIGN_OR_RETURN(const auto box, boxes.next());
    if (!box) return {};
    RETURN_IF_ERROR(on_box(*box));
  }
}

tl::unexpected<Error> too_short(const Box& box) {
  return fail(Errc::malformed_media,
              fmt::format("an MP4 box '{}' that is too short", to_text(box.type)), box.offset);
}
std::size_t version_of(const Box& box) {
  return box.body.empty() ? 0 : std::to_integer<std::size_t>(box.body[0]);
}

// tkhd: version(1) flags(3) | v0: times(8) | v1: times(16) | track_ID(4) ...
Result<void> read_tkhd(const Box& tkhd, Track& track) {
  const std::size_t at = version_of(tkhd) == 1 ? 20 : 12;
  if (tkhd.body.size() < at + 4) return too_short(tkhd);
  track.id = load_be<std::uint32_t>(tkhd.body, at);
  return {};
}

// mdhd: version(1) flags(3) | v0: times(8) | v1: times(16) | timescale(4) ...
Result<void> read_mdhd(const Box& mdhd, Track& track) {
  const std::size_t at = version_of(mdhd) == 1 ? 20 : 12;
  if (mdhd.body.size() < at + 4) return too_short(mdhd);
  track.timescale = load_be<std::uint32_t>(mdhd.body, at);
  if (track.timescale == 0)
    return fail(Errc::malformed_media, "an MP4 track with a timescale of 0", mdhd.body_offset + at);
  return {};
}

// trak > mdia > minf > stbl > stsd, with hdlr in mdia before minf
struct TrakReader {
  Track& track;
  FourCc handler = 0;

  Result<void> read(const Box& box, int depth = 0) {
    if (depth > 3) return {};  // deeper than stsd, and never deeper than our stack
    switch (box.type) {
      case four_cc("mdia"):
      case four_cc("minf"):
      case four_cc("stbl"):
        return for_each_box(box, [&](const Box& child) { return read(child, depth + 1); });
      case four_cc("tkhd"):
        return read_tkhd(box, track);
      case four_cc("mdhd"):
        return read_mdhd(box, track);
      case four_cc(
          "hdlr"):  // version and flags(4) 0(4) handler(4) ...; QuickTime has one in minf too
        if (box.body.size() < 12) return too_short(box);
        if (handler == 0) handler = load_be<FourCc>(box.body, 8);
        return {};
      case four_cc("stsd"):
        return read_stsd(box, handler).map([this](TrackInfo info) {
          track.info = std::move(info);
        });
      default:
        return {};
    }
  }
};

}  // namespace

// trex: version and flags(4) track_ID(4) description(4) duration(4) size(4) sample flags(4)
Result<Movie> read_moov(const Box& moov, std::uint32_t max_tracks) {
  Movie movie;
  struct Trex {
    std::uint32_t track_id;
    std::uint32_t sample_duration;
    std::uint32_t sample_flags;
  };
  std::vector<Trex> trexes;
  bool fragmented = false;

  const auto on_mvex_box = [&](const Box& box) -> Result<void> {
    if (box.type != four_cc("trex")) return {};
    if (box.body.size() < 24) return too_short(box);
    if (trexes.size() < max_tracks)
      trexes.push_back({load_be<std::uint32_t>(box.body, 4), load_be<std::uint32_t>(box.body, 12),
                        load_be<std::uint32_t>(box.body, 20)});
    return {};
  };
  const auto on_moov_box = [&](const Box& box) -> Result<void> {
    if (box.type == four_cc("mvex")) {
      fragmented = true;
      return for_each_box(box, on_mvex_box);
    }
    if (box.type != four_cc("trak")) return {};
    if (movie.tracks.size() == max_tracks)
      return fail(Errc::limit_exceeded, fmt::format("more than {} tracks", max_tracks), box.offset);
    Track track;
    TrakReader reader{track};
    auto read = for_each_box(box, [&](const Box& child) { return reader.read(child); });
    if (!read) return read;
    if (track.timescale == 0)
      return fail(Errc::malformed_media, "an MP4 track without 'mdhd'", box.offset);
    movie.tracks.push_back(std::move(track));
    return {};
  };

  RETURN_IF_ERROR(for_each_box(moov, on_moov_box));
  if (!fragmented)
    return fail(Errc::unsupported_format,
                "an MP4 file that is not fragmented cannot be sent live: write it with "
                "ffmpeg -movflags frag_keyframe+empty_moov+default_base_moof",
                moov.offset);
  if (movie.tracks.empty())
    return fail(Errc::malformed_media, "an MP4 'moov' without tracks", moov.offset);
  for (const Trex& trex : trexes)
    for (Track& track : movie.tracks) {
      if (track.id != trex.track_id) continue;
      track.default_sample_duration = trex.sample_duration;
      track.default_sample_flags = trex.sample_flags;
    }
  return movie;
}

namespace {

// What is known of one track fragment: its first sample, and how long all of them last.
struct TrackFragment {
  const Track* track = nullptr;  // nullptr: of a track the moov does not have
  std::uint64_t samples = 0;
  std::uint32_t flags = 0;
  std::optional<std::uint64_t> decode_time;  // ticks
  std::int64_t composition_offset = 0;       // ticks
  std::uint32_t default_duration = 0;        // ticks
  std::uint64_t duration = 0;                // ticks
};

// Reads 4-byte fields one after the other; past the end it gives 0 and ok is false.
struct Fields {
  Bytes bytes;
  std::size_t at = 0;
  bool ok = true;

  std::uint32_t next() {
    ok = ok && bytes.size() >= at + 4;
    if (!ok) return 0;
    at += 4;
    return load_be<std::uint32_t>(bytes, at - 4);
  }
  std::uint32_t next_if(bool there) { return there ? next() : 0; }
};

// tfhd: version and flags(4) track_ID(4) | 01: base data offset(8) 02: description(4)
//       08: duration(4) 10: size(4) 20: sample flags(4)
Result<void> read_tfhd(const Box& tfhd, const Movie& movie, TrackFragment& sample) {
  Fields fields{tfhd.body};
  const std::uint32_t present = fields.next();
  sample.track = movie.find(fields.next());
  fields.next_if(present & 0x01);
  fields.next_if(present & 0x01);
  fields.next_if(present & 0x02);
  const std::uint32_t duration = fields.next_if(present & 0x08);
  fields.next_if(present & 0x10);
  const std::uint32_t flags = fields.next_if(present & 0x20);
  if (!fields.ok) return too_short(tfhd);
  const Track none;
  const Track& track = sample.track ? *sample.track : none;
  sample.flags = present & 0x20 ? flags : track.default_sample_flags;
  sample.default_duration = present & 0x08 ? duration : track.default_sample_duration;
  return {};
}

// tfdt: version and flags(4) | v0: decode time(4) | v1: decode time(8)
Result<void> read_tfdt(const Box& tfdt, TrackFragment& sample) {
  const bool wide = version_of(tfdt) == 1;
  if (tfdt.body.size() < (wide ? 12u : 8u)) return too_short(tfdt);
  sample.decode_time =
      wide ? load_be<std::uint64_t>(tfdt.body, 4) : load_be<std::uint32_t>(tfdt.body, 4);
  return {};
}

// trun: version and flags(4) samples(4) | 001: data offset(4) 004: first sample's flags(4)
//       each sample | 100: duration(4) 200: size(4) 400: flags(4) 800: composition offset(4)
Result<void> read_trun(const Box& trun, TrackFragment& sample) {
  Fields fields{trun.body};
  const std::uint32_t present = fields.next();
  const std::uint32_t samples = fields.next();
  if (!fields.ok) return too_short(trun);
  if (samples == 0) return {};
  const bool first_run = sample.samples == 0;
  sample.samples += samples;
  fields.next_if(present & 0x001);
  const std::uint32_t first_flags = fields.next_if(present & 0x004);
  if (first_run && present & 0x004) sample.flags = first_flags;
  if (first_run) {
    Fields first = fields;
    first.next_if(present & 0x100);
    first.next_if(present & 0x200);
    const std::uint32_t own_flags = first.next_if(present & 0x400);
    if ((present & 0x404) == 0x400) sample.flags = own_flags;
    sample.composition_offset = static_cast<std::int32_t>(first.next_if(present & 0x800));
    if (!first.ok) return too_short(trun);
  }
  if (!(present & 0x100)) {
    sample.duration += std::uint64_t{sample.default_duration} * samples;
    return {};
  }
  for (std::uint32_t i = 0; i < samples && fields.ok; ++i) {
    sample.duration += fields.next();
    fields.next_if(present & 0x200);
    fields.next_if(present & 0x400);
    fields.next_if(present & 0x800);
  }
  return fields.ok ? Result<void>{} : too_short(trun);
}

// sample flags: 0:4 is_leading:2 sample_depends_on:2 is_depended_on:2 redundancy:2 padding:3
//               sample_is_non_sync_sample:1 priority:16
bool is_sync(std::uint32_t flags) {
  const bool non_sync = (flags & 0x10000) != 0;
  const bool depends_on_others = ((flags >> 24) & 3) == 1;
  return !non_sync && !depends_on_others;
}

std::int64_t to_us(std::uint64_t ticks, std::uint64_t timescale) {
  constexpr std::uint64_t kEndSeconds = 9'000'000'000'000;  // microseconds that an int64_t holds
  const std::uint64_t seconds = ticks / timescale;
  if (seconds >= kEndSeconds) return static_cast<std::int64_t>(kEndSeconds * 1'000'000);
  return static_cast<std::int64_t>(seconds * 1'000'000 + ticks % timescale * 1'000'000 / timescale);
}

std::optional<std::int64_t> pts_us(const TrackFragment& sample) {
  if (!sample.decode_time) return std::nullopt;
  const std::uint64_t timescale = sample.track->timescale;
  const std::int64_t offset = sample.composition_offset;
  const std::int64_t offset_us = offset < 0 ? -to_us(static_cast<std::uint64_t>(-offset), timescale)
                                            : to_us(static_cast<std::uint64_t>(offset), timescale);
  return to_us(*sample.decode_time, timescale) + offset_us;
}

Result<TrackFragment> read_traf(const Box& traf, const Movie& movie) {
  TrackFragment sample;
  RETURN_IF_ERROR(for_each_box(traf, [&](const Box& box) -> Result<void> {
    switch (box.type) {
      case four_cc("tfhd"):
        return read_tfhd(box, movie, sample);
      case four_cc("tfdt"):
        return read_tfdt(box, sample);
      case four_cc("trun"):
        return read_trun(box, sample);
      default:
        return {};
    }
  }));
  return sample;
}

}  // namespace

Result<Fragment> read_moof(const Box& moof, const Movie& movie) {
  Fragment fragment;
  const bool has_video = movie.has_video();
  bool decided = false;  // by the first video sample, or without video by the first sample
  RETURN_IF_ERROR(for_each_box(moof, [&](const Box& box) -> Result<void> {
    if (box.type != four_cc("traf")) return {};
    const Result<TrackFragment> sample = read_traf(box, movie);
    if (!sample) return tl::make_unexpected(sample.error());
    if (sample->samples == 0 || !sample->track || decided) return {};
    const bool is_video = sample->track->info.kind == TrackKind::video;
    decided = is_video || !has_video;
    if (decided) fragment.group_start = !is_video || is_sync(sample->flags);
    if (decided || !fragment.pts_us) fragment.pts_us = pts_us(*sample);
    return {};
  }));
  return fragment;
}

Result<std::vector<TrackTimes>> read_times(Bytes part, const Movie& movie) {
  std::vector<TrackTimes> out;
  const auto on_traf = [&](const Box& traf) -> Result<void> {
    if (traf.type != four_cc("traf")) return {};
    const Result<TrackFragment> sample = read_traf(traf, movie);
    if (!sample) return tl::make_unexpected(sample.error());
    if (sample->samples == 0 || !sample->track || !sample->decode_time) return {};
    const std::uint64_t timescale = sample->track->timescale;
    out.push_back({sample->track, to_us(*sample->decode_time, timescale),
                   to_us(sample->duration, timescale), sample->samples, is_sync(sample->flags)});
    return {};
  };
  RETURN_IF_ERROR(for_each_box({0, 0, part, 0}, [&](const Box& box) -> Result<void> {
    return box.type == four_cc("moof") ? for_each_box(box, on_traf) : Result<void>{};
  }));
  return out;
}

Result<Movie> read_init(Bytes init, std::uint32_t max_tracks) {
  BoxReader boxes(init, 0);
  while (true) {
    ASSIGN_OR_RETURN(const auto box, boxes.next());
    if (!box) return fail(Errc::malformed_media, "an MP4 init segment without 'moov'");
    if (box->type == four_cc("moov")) return read_moov(*box, max_tracks);
  }
}

}  // namespace framewire::mp4
