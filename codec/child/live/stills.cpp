#include "codec/child/live/stills.h"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "codec/child/av/ffmpeg_error.h"
#include "codec/child/containers/ffmpeg_input.h"
#include "codec/child/containers/packets_reader.h"
#include "ingest/base/try.h"

namespace framewire::codec {
namespace {

constexpr std::chrono::seconds kPosterEvery{1};  // at most, however many keyframes come
constexpr std::uint64_t kLogEach = 100;
constexpr int kMostWithout = 100;  // packets without a picture, and there is none
// The same where pictures are promised: among eight sounds the first of them may be late.
constexpr int kMostPromised = 2000;
// Streams are taken as they come: a keyframe is enough, and all that a stream may have.
constexpr ProbeLimits kLiveProbe = {
    .bytes = 2 << 20, .duration_us = 1'000'000, .find_stream_info = false};

tl::unexpected<Error> no_picture() {
  return fail(Errc::unsupported_format, "there is no picture in this stream");
}

bool names_pictures(const AVFormatContext& input) {
  const auto streams = std::span{input.streams, input.nb_streams};
  return std::any_of(streams.begin(), streams.end(), [](const AVStream* stream) {
    return stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
  });
}

// Of MPEG-TS and FLV only the packets tell.
bool shows_nothing(const AVFormatContext& input) {
  return (input.ctx_flags & AVFMTCTX_NOHEADER) == 0 && !names_pictures(input);
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

Result<void> Stills::take(const PictureOrigin& origin, Bytes picture) {
  if (idle_error_) return tl::make_unexpected(*idle_error_);
  if (origin.format == Format::jpeg && max_width_ == 0) {
    if (const int failed = write_(picture); failed < 0)
      return ffmpeg_failed("writing a JPEG", failed);
    return {};
  }
  origin_ = origin;
  if (due()) return make(picture);
  picture_.assign(picture.begin(), picture.end());
  return {};
}

Result<void> Stills::make(Bytes picture) {
  next_ = Clock::now() + kPosterEvery;
  if (!decoder_) {
    ASSIGN_OR_RETURN(decoder_, PictureDecoder::open(origin_));
  }
  const auto decoded = decoder_->decode(picture);
  Result<void> made;
  if (decoded)
    made = maker_.make(**decoded, kPictureShape);
  else if (decoded.error().code == Errc::malformed_media)
    left_out(decoded.error());
  else
    made = tl::make_unexpected(decoded.error());
  picture_.clear();
  return made;
}

Result<void> Stills::run(Format from, ReadBytes read) {
  if (!poster_)
    return fail(Errc::unsupported_format,
                fmt::format("MJPEG is made of PNG, JPEG, WebP and RGBA pictures; this stream is {}",
                            to_string(from)));
  std::optional<PacketsReader> packets;
  if (from == Format::packets) packets.emplace(read);
  ReadBytes matroska = [&](std::span<std::byte> to) { return packets->read(to); };
  const IoHandle io = stream_reader(packets ? matroska : read);
  const PacketHandle packet{av_packet_alloc()};
  if (!io || !packet) return ffmpeg_failed("reading", AVERROR(ENOMEM));
  const auto input = open_input(packets ? Format::webm : from, io.get(), kLiveProbe);
  if (packets && packets->error()) return tl::make_unexpected(*packets->error());
  if (!input) return tl::make_unexpected(input.error());
  if (shows_nothing(**input)) return no_picture();
  int video = -1;
  int without = 0;
  while (read_packet(**input, *packet) >= 0) {
    if (idle_error_) return tl::make_unexpected(*idle_error_);
    const AVStream& stream = *(*input)->streams[packet->stream_index];
    if (!track_ && stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO) {
      ASSIGN_OR_RETURN(track_, PacketNormalizer::open(stream));
      video = packet->stream_index;
    }
    if (!track_ && ++without >= (names_pictures(**input) ? kMostPromised : kMostWithout))
      return no_picture();
    if (packet->stream_index == video) RETURN_IF_ERROR(take(*packet));
    av_packet_unref(packet.get());
  }
  return {};
}

Result<void> Stills::take(AVPacket& packet) {
  ASSIGN_OR_RETURN(const auto normalized, track_->normalize(packet));
  if (!normalized || (packet.flags & AV_PKT_FLAG_KEY) == 0) return {};
  if (due()) return decode(packet);
  keyframe_.reset(av_packet_clone(&packet));
  return {};
}

// By a decoder of its own, which gives its one picture when nothing else comes.
Result<void> Stills::decode(const AVPacket& keyframe) {
  next_ = Clock::now() + kPosterEvery;
  ASSIGN_OR_RETURN(auto decoder, Decoder::open(*track_->parameters()));
  Result<void> made;
  const auto take = [&](AVFrame& frame) {
    made = maker_.make(frame, track_->shape());
    return made;
  };
  auto decoded = decoder->decode(&keyframe, take);
  if (decoded) decoded = decoder->decode(nullptr, take);
  keyframe_.reset();
  if (!made) return made;
  if (!decoded) left_out(decoded.error());
  return {};
}

void Stills::on_idle(int socket) {
  if (idle_error_ || (picture_.empty() && !keyframe_)) return;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next_ - Clock::now());
  pollfd more{socket, POLLIN, 0};
  if (wait.count() > 0 && poll(&more, 1, static_cast<int>(wait.count())) > 0) return;
  const auto made = keyframe_ ? decode(*keyframe_) : make(picture_);
  if (!made) idle_error_ = made.error();
}

void Stills::left_out(const Error& why) {
  if (left_out_++ % kLogEach == 0)
    spdlog::warn("{}: picture left out, {} so far: {}", name_, left_out_, why.what);
}

}  // namespace framewire::codec
