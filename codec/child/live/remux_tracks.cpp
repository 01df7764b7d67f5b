// Which tracks of an epoch an output has: Remux (remux.h).
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "codec/child/codecs/decoder.h"
#include "codec/child/containers/ffmpeg_input.h"
#include "codec/child/live/remux.h"
#include "ingest/base/try.h"

namespace framewire::codec {
namespace {

bool is_attached(const AVStream& stream) {
  return (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
}
const char* kind_of(const AVStream& stream) {
  const char* kind = av_get_media_type_string(stream.codecpar->codec_type);
  return kind ? kind : "unknown";
}

}  // namespace

// The first pictures and the first sound; each must fit, but for what nobody can have here: then
// the other one comes alone.
Result<void> Remux::choose_tracks() {
  RETURN_IF_ERROR(adopt());
  if (!ways_.empty()) return {};
  if (!misfits_.empty()) return tl::make_unexpected(misfits_.front());
  return fail(Errc::unsupported_format, "neither picture nor sound is in it");
}

// What the demuxer knows now: of FLV and MPEG-TS tracks may turn up later.
Result<void> Remux::adopt() {
  const std::size_t known = way_of_.size();
  way_of_.resize(input_->nb_streams, -1);
  for (const AVMediaType type : {AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO}) {
    const auto is_type = [&](const Way& way) {
      return way.pipeline->is_video() == (type == AVMEDIA_TYPE_VIDEO);
    };
    if (std::any_of(ways_.begin(), ways_.end(), is_type)) continue;
    RETURN_IF_ERROR(choose(type, known));
  }
  if (ways_.empty()) return {};
  for (const Error& misfit : std::exchange(misfits_, {})) left_out_(misfit.what);
  tell_others(known);
  return {};
}

Result<void> Remux::choose(AVMediaType type, std::size_t from) {
  std::optional<Error> misfit;
  bool decodes = false;
  for (const AVStream* stream : std::span{input_->streams, input_->nb_streams}.subspan(from)) {
    if (stream->codecpar->codec_type != type || is_attached(*stream)) continue;
    auto pipeline = TrackPipeline::open(*stream, to_, job_);
    if (!pipeline) {
      if (pipeline.error().code != Errc::unsupported_format)
        return tl::make_unexpected(pipeline.error());
      if (!misfit) misfit = pipeline.error();
      decodes = decodes || Decoder::knows(stream->codecpar->codec_id);
      continue;
    }
    way_of_[static_cast<std::size_t>(stream->index)] = static_cast<int>(ways_.size());
    ways_.emplace_back().pipeline = *std::move(pipeline);
    times_.add_track(*stream, may_show_early(*input_, *stream));
    return {};
  }
  if (!misfit) return {};
  if (decodes) return tl::make_unexpected(*misfit);
  misfits_.push_back(*std::move(misfit));
  return {};
}

void Remux::tell_others(std::size_t from) const {
  std::string others;
  for (const AVStream* stream : std::span{input_->streams, input_->nb_streams}.subspan(from)) {
    if (way_of_[static_cast<std::size_t>(stream->index)] >= 0) continue;
    others += fmt::format("{}{} ({})", others.empty() ? "" : ", ", kind_of(*stream),
                          avcodec_get_name(stream->codecpar->codec_id));
  }
  if (others.empty()) return;
  left_out_(fmt::format("it has one track of pictures and one of sound; left out: {}", others));
}

}  // namespace framewire::codec
