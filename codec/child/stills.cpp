#include "codec/child/stills.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "codec/child/ffmpeg_error.h"
#include "codec/child/ffmpeg_input.h"

namespace framewire::codec {
namespace {

constexpr std::chrono::seconds kPosterEvery{1};  // at most, however many keyframes come
constexpr std::uint64_t kLogEach = 100;
constexpr int kMostWithout = 100;  // packets without a picture, and there is none
// Streams are taken as they come: a keyframe is enough, and all that a stream may have.
constexpr ProbeLimits kLiveProbe = {
    .bytes = 2 << 20, .duration_us = 1'000'000, .find_stream_info = false};

tl::unexpected<Error> no_picture() {
  return fail(Errc::unsupported_format, "there is no picture in this stream");
}

// Of MPEG-TS and FLV only the packets tell.
bool shows_nothing(const AVFormatContext& input) {
  const auto streams = std::span{input.streams, input.nb_streams};
  return (input.ctx_flags & AVFMTCTX_NOHEADER) == 0 &&
         std::none_of(streams.begin(), streams.end(), [](const AVStream* stream) {
           return stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
         });
}

int width_of(const Output& output) {
  const auto* found = std::find_if(std::begin(kPosters), std::end(kPosters),
                                   [&](const Poster& p) { return p.output == output.name; });
  return found == std::end(kPosters) ? 0 : found->width;
}

}  // namespace

Stills::Stills(std::string name, const Output& to, WriteBytes write)
    : name_(std::move(name)),
      poster_(to.name != kMjpeg),
      max_width_(width_of(to)),
      write_(std::move(write)),
      maker_(max_width_, write_) {}

bool Stills::due() {
  const auto now = std::chrono::steady_clock::now();
  if (poster_ && last_ && now - *last_ < kPosterEvery) return false;
  last_ = now;
  return true;
}

Result<void> Stills::take(const PictureOrigin& origin, Bytes picture) {
  if (origin.format == Format::jpeg && max_width_ == 0) {
    if (const int failed = write_(picture); failed < 0)
      return ffmpeg_failed("writing a JPEG", failed);
    return {};
  }
  if (!due()) return {};
  if (!decoder_) {
    auto opened = PictureDecoder::open(origin);
    if (!opened) return tl::make_unexpected(opened.error());
    decoder_ = *std::move(opened);
  }
  const auto decoded = decoder_->decode(picture);
  if (decoded) return maker_.make(**decoded);
  if (decoded.error().code != Errc::malformed_media) return tl::make_unexpected(decoded.error());
  left_out(decoded.error());
  return {};
}

Result<void> Stills::run(Format from, ReadBytes read) {
  if (!poster_)
    return fail(Errc::unsupported_format,
                fmt::format("MJPEG is made of PNG, JPEG, WebP and RGBA pictures; this stream is {}",
                            to_string(from)));
  const IoHandle io = stream_reader(read);
  const PacketHandle packet{av_packet_alloc()};
  if (!io || !packet) return ffmpeg_failed("reading", AVERROR(ENOMEM));
  const auto input = open_input(from, io.get(), kLiveProbe);
  if (!input) return tl::make_unexpected(input.error());
  if (shows_nothing(**input)) return no_picture();
  std::unique_ptr<Track> track;
  int video = -1;
  int without = 0;
  while (av_read_frame(input->get(), packet.get()) >= 0) {
    const AVStream& stream = *(*input)->streams[packet->stream_index];
    if (video < 0 && stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO) {
      auto opened = Track::open(stream);
      if (!opened) return tl::make_unexpected(opened.error());
      track = *std::move(opened);
      video = packet->stream_index;
    }
    if (video < 0 && ++without == kMostWithout) return no_picture();
    if (packet->stream_index == video)
      if (auto taken = take(*packet, *track); !taken) return taken;
    av_packet_unref(packet.get());
  }
  return {};
}

Result<void> Stills::take(AVPacket& packet, Track& track) {
  const auto mended = track.mend(packet);
  if (!mended) return tl::make_unexpected(mended.error());
  if (!*mended || (packet.flags & AV_PKT_FLAG_KEY) == 0 || !due()) return {};
  return decode(packet, track);
}

// By a decoder of its own, which gives its one picture when nothing else comes.
Result<void> Stills::decode(const AVPacket& keyframe, const Track& track) {
  auto decoder = Decoder::open(*track.parameters());
  if (!decoder) return tl::make_unexpected(decoder.error());
  Result<void> made;
  const auto take = [&](AVFrame& frame) {
    made = maker_.make(frame);
    return made;
  };
  auto decoded = (*decoder)->decode(&keyframe, take);
  if (decoded) decoded = (*decoder)->decode(nullptr, take);
  if (!made) return made;
  if (!decoded) left_out(decoded.error());
  return {};
}

void Stills::left_out(const Error& why) {
  if (left_out_++ % kLogEach == 0)
    spdlog::warn("{}: picture left out, {} so far: {}", name_, left_out_, why.what);
}

}  // namespace framewire::codec
