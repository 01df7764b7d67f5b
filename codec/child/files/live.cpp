#include "codec/child/files/live.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "codec/child/av/codec_table.h"
#include "codec/child/av/ffmpeg_error.h"
#include "codec/child/containers/ffmpeg_input.h"
#include "codec/child/containers/muxer.h"
#include "codec/child/containers/packet_normalizer.h"
#include "codec/child/files/media_file.h"
#include "codec/child/start/child_main.h"
#include "codec/outputs.h"
#include "ingest/base/try.h"

namespace framewire::codec {
namespace {

constexpr int kFilm = kFirstDescriptor;
constexpr int kTo = kFirstDescriptor + 1;

int write_all(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(kTo, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return AVERROR(errno);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return 0;
}

// A stored film has its parameter sets in front: every track is ready before its first packet.
Result<void> stream_film(MediaFile& film, const Output& output) {
  std::vector<std::unique_ptr<PacketNormalizer>> tracks;
  std::vector<const AVCodecParameters*> parameters;
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < film.tracks(); ++i) {
    const AVStream& stream = film.track(i);
    if (auto reason = why_not(output, *stream.codecpar, Use::films); !reason.empty())
      return fail(Errc::unsupported_format, std::move(reason));
    ASSIGN_OR_RETURN(auto track, PacketNormalizer::open(stream));
    if (!track->ready()) return fail(Errc::malformed_media, "a track without its configuration");
    parameters.push_back(track->parameters());
    shapes.push_back(track->shape());
    tracks.push_back(std::move(track));
  }
  ASSIGN_OR_RETURN(auto muxer, Muxer::open(output, parameters, write_all, 0, shapes));
  Result<void> good;
  film.read(INT64_MAX, [&](AVPacket& packet) {
    const auto which = static_cast<std::size_t>(packet.stream_index);
    const auto normalized = tracks[which]->normalize(packet);
    if (!normalized)
      good = tl::make_unexpected(normalized.error());
    else if (*normalized)
      good = muxer->write(packet, which);
    return good ? 0 : AVERROR_EXIT;
  });
  return good;
}

}  // namespace

int live_command(std::span<const std::string> arguments) {
  limit_ffmpeg_memory();
  const Output* output = arguments.size() == 1 ? output_named(arguments[0]) : nullptr;
  auto film =
      output ? MediaFile::open(Format::mp4, kFilm) : fail(Errc::internal, "wrong arguments");
  auto done = film ? stream_film(**film, *output) : Result<void>{tl::make_unexpected(film.error())};
  if (done) return 0;
  fmt::print("{}", done.error().what);
  return 1;
}

}  // namespace framewire::codec
