#include "relay/hls/playlist.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "relay/hls/names.h"

namespace framewire::relay::hls {
namespace {

constexpr int kVersion = 9;  // of EXT-X-SKIP
constexpr double kMicro = 1e-6;
// Of the target duration: the least that a server may hold back clients that read whole segments
// (section 4.4.3.8), where parts may stop being listed (6.2.2), and how far back a delta update
// reaches at least (4.4.3.8).
constexpr int kHoldBackTargets = 3;
constexpr int kPartsTargets = 3;
constexpr int kSkipTargets = 6;
constexpr int kPartHoldBackParts = 3;

double seconds(std::int64_t us) {
  return static_cast<double>(us) * kMicro;
}

std::string date_time(std::int64_t wall_us) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(static_cast<std::time_t>(wall_us / 1'000'000)),
                     wall_us / 1000 % 1000);
}

bool may_skip(const Segmenter& s) {
  return s.window_us() > (kSkipTargets + 1) * s.target_duration_us();
}

class MediaPlaylist {
 public:
  MediaPlaylist(const Segmenter& segmenter, std::string_view query)
      : s_(segmenter), query_(query) {}

  std::string write(bool skip) {
    head();
    std::uint64_t skipped = 0;
    if (skip && may_skip(s_)) skipped = count_before(kSkipTargets * s_.target_duration_us());
    if (skipped > 0) line("#EXT-X-SKIP:SKIPPED-SEGMENTS={}", skipped);
    const std::uint64_t parts_from =
        s_.first_listed() + count_before(kPartsTargets * s_.target_duration_us());
    const Init* init = nullptr;
    for (const Segment& segment : s_.segments()) {
      if (segment.msn < s_.first_listed() + skipped) continue;
      open_tags(segment, init);
      init = segment.init.get();
      // hls.js 1.7 never comes to the end of a last segment that has parts; video.js 8.24 leaves a
      // hole where others lose theirs.
      const bool last = s_.ended() && segment.msn + 1 == s_.next_msn();
      if (segment.msn >= parts_from && !last) parts(segment);
      if (!s_.complete(segment)) continue;
      line("#EXTINF:{:.6f},", seconds(segment.duration_us));
      uri(segment_name(segment.msn));
    }
    if (s_.ended())
      line("#EXT-X-ENDLIST");
    else
      hint(s_.next_place());
    return std::move(out_);
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }
  void uri(std::string_view name) { line("{}{}", name, query_); }

  void hint(const Segmenter::Place& next) {
    line("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{}{}\"", part_name(next.msn, next.part), query_);
  }

  void head() {
    const Segment& first =
        *std::find_if(s_.segments().begin(), s_.segments().end(),
                      [&](const Segment& segment) { return segment.msn >= s_.first_listed(); });
    line("#EXTM3U");
    line("#EXT-X-VERSION:{}", kVersion);
    line("#EXT-X-TARGETDURATION:{}", s_.target_duration_us() / 1'000'000);
    line("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={:.3f},HOLD-BACK={}{}",
         seconds(kPartHoldBackParts * s_.part_target_us()),
         kHoldBackTargets * s_.target_duration_us() / 1'000'000,
         may_skip(s_)
             ? fmt::format(",CAN-SKIP-UNTIL={}", kSkipTargets * s_.target_duration_us() / 1'000'000)
             : "");
    line("#EXT-X-PART-INF:PART-TARGET={:.3f}", seconds(s_.part_target_us()));
    line("#EXT-X-MEDIA-SEQUENCE:{}", first.msn);
    // Of what comes before the first segment's own EXT-X-DISCONTINUITY.
    line("#EXT-X-DISCONTINUITY-SEQUENCE:{}",
         first.discontinuity_sequence - (first.discontinuity ? 1 : 0));
  }

  void open_tags(const Segment& segment, const Init* before) {
    if (segment.discontinuity) line("#EXT-X-DISCONTINUITY");
    if (segment.init.get() != before)
      line("#EXT-X-MAP:URI=\"{}{}\"", init_name(segment.init->number), query_);
    line("#EXT-X-PROGRAM-DATE-TIME:{}", date_time(segment.wall_us));
  }

  void parts(const Segment& segment) {
    for (std::size_t i = 0; i < segment.parts.size(); ++i)
      line("#EXT-X-PART:DURATION={:.6f},URI=\"{}{}\"{}", seconds(segment.parts[i].duration_us),
           part_name(segment.msn, i), query_,
           segment.parts[i].independent ? ",INDEPENDENT=YES" : "");
  }

  // How many of the listed segments lie wholly before the last `us` of the playlist.
  std::uint64_t count_before(std::int64_t us) const {
    std::int64_t behind = 0;
    std::uint64_t count = 0;
    for (auto at = s_.segments().rbegin(); at != s_.segments().rend(); ++at) {
      if (at->msn < s_.first_listed()) break;
      if (behind >= us) ++count;
      behind += at->duration_us;
    }
    return count;
  }

  const Segmenter& s_;
  const std::string_view query_;
  std::string out_;
};

// Bits a second: the highest of a segment, and all in all.
struct BitRates {
  std::int64_t peak = 0;
  std::int64_t average = 0;
};
BitRates bit_rates(const Segmenter& s) {
  BitRates out;
  std::int64_t bytes = 0;
  std::int64_t us = 0;
  const auto rate = [](std::int64_t b, std::int64_t d) { return b * 8 * 1'000'000 / d; };
  for (const Segment& segment : s.segments()) {
    if (!s.complete(segment)) continue;
    const auto size = static_cast<std::int64_t>(segment.bytes);
    out.peak = std::max(out.peak, rate(size, segment.duration_us));
    bytes += size;
    us += segment.duration_us;
  }
  out.average = rate(bytes, std::max<std::int64_t>(us, 1));
  return out;
}

}  // namespace

std::string media_playlist(const Segmenter& segmenter, std::string_view query, bool skip) {
  return MediaPlaylist{segmenter, query}.write(skip);
}

std::string multivariant_playlist(const Segmenter& segmenter, std::string_view query) {
  const auto newest = std::find_if(segmenter.segments().rbegin(), segmenter.segments().rend(),
                                   [&](const Segment& s) { return segmenter.complete(s); });
  std::string codecs;
  std::string picture;
  for (const TrackInfo& track : newest->init->info.tracks) {
    if (track.kind == TrackKind::other) continue;
    codecs += (codecs.empty() ? "" : ",") + track.codec;
    if (track.kind != TrackKind::video || !picture.empty()) continue;
    const double rate =
        static_cast<double>(newest->pictures) / std::max(seconds(newest->duration_us), 0.001);
    picture = fmt::format(",RESOLUTION={}x{},FRAME-RATE={:.3f},CLOSED-CAPTIONS=NONE", track.width,
                          track.height, rate);
  }
  const BitRates rates = bit_rates(segmenter);
  return fmt::format(
      "#EXTM3U\n#EXT-X-VERSION:{}\n"
      "#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}\"{}\n{}{}\n",
      kVersion, rates.peak, rates.average, codecs, picture, kMediaName, query);
}

}  // namespace framewire::relay::hls
