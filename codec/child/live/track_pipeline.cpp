#include "codec/child/live/track_pipeline.h"

#include <spdlog/spdlog.h>

#include "codec/child/av/codec_table.h"
#include "codec/child/av/ffmpeg_error.h"
#include "codec/child/codecs/decoder.h"
#include "ingest/base/try.h"

namespace framewire::codec {

Result<std::unique_ptr<TrackPipeline>> TrackPipeline::open(const AVStream& stream,
                                                           const Output& output,
                                                           const JobSpec& job) {
  const AVCodecID codec = stream.codecpar->codec_id;
  std::string misfit = why_not(output, *stream.codecpar);
  // Else they are copied as they are: pictures that lie on their side are better than none.
  const bool may_be_encoded = job.transcoding && (output.encodes || !output.instead.empty());
  if (misfit.empty() && may_be_encoded) misfit = why_not_shown(output, shape_of(stream));
  if (!misfit.empty() && !(output.encodes && job.transcoding)) {
    if (!job.transcoding && (output.encodes || !output.instead.empty()))
      misfit += ", and nothing is encoded anew here";
    return fail(Errc::unsupported_format, std::move(misfit));
  }
  auto pipeline = std::make_unique<TrackPipeline>();
  ASSIGN_OR_RETURN(pipeline->track_, PacketNormalizer::open(stream));
  if (misfit.empty()) return pipeline;

  pipeline->to_ = encoded_as(output, stream.codecpar->codec_type);
  pipeline->how_ = *job.transcoding;
  if (!Decoder::knows(codec))
    return fail(Errc::unsupported_format, misfit + ", which is not decoded here");
  // A sound that was only promised has no rate yet.
  if (pipeline->is_video() || pipeline->track_->parameters()->sample_rate > 0)
    RETURN_IF_ERROR(pipeline->open_transcoder());
  spdlog::info("{}.{}: {} is encoded as {}", job.stream, job.output, avcodec_get_name(codec),
               avcodec_get_name(pipeline->to_));
  return pipeline;
}

Result<void> TrackPipeline::open_transcoder() {
  ASSIGN_OR_RETURN(transcoder_,
                   Transcoder::open(*track_->parameters(), to_, how_, track_->shape()));
  return {};
}

bool TrackPipeline::ready() const {
  if (!encodes()) return track_->ready();
  return transcoder_ && transcoder_->parameters() != nullptr;
}

Result<void> TrackPipeline::put(PacketHandle packet, const Take& take) {
  if (packet) {
    ASSIGN_OR_RETURN(auto good, track_->normalize(*packet));
    if (!good) return {};
    if (!encodes()) return take(std::move(packet));
    if (!track_->ready()) return {};
    // Its decoder knows one form of sound.
    if (!transcoder_ || (track_->changed() && !is_video())) RETURN_IF_ERROR(open_transcoder());
  }
  if (!transcoder_) return {};
  return transcoder_->transcode(packet.get(), [&](AVPacket& made) -> Result<void> {
    PacketHandle own{av_packet_alloc()};
    if (!own) return ffmpeg_failed("encoding", AVERROR(ENOMEM));
    av_packet_move_ref(own.get(), &made);
    return take(std::move(own));
  });
}

}  // namespace framewire::codec
