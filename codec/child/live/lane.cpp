#include "codec/child/live/lane.h"

#include <spdlog/spdlog.h>

#include "codec/child/av/codec_table.h"
#include "codec/child/av/ffmpeg_error.h"
#include "codec/child/codecs/decoder.h"
#include "ingest/base/try.h"

namespace framewire::codec {

Result<std::unique_ptr<Lane>> Lane::open(const AVStream& stream, const Output& output,
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
  auto lane = std::make_unique<Lane>();
  ASSIGN_OR_RETURN(lane->track_, Track::open(stream));
  if (misfit.empty()) return lane;

  lane->to_ = encoded_as(output, stream.codecpar->codec_type);
  lane->how_ = *job.transcoding;
  if (!Decoder::knows(codec))
    return fail(Errc::unsupported_format, misfit + ", which is not decoded here");
  // A sound that was only promised has no rate yet.
  if (lane->is_video() || lane->track_->parameters()->sample_rate > 0)
    RETURN_IF_ERROR(lane->open_recoder());
  spdlog::info("{}.{}: {} is encoded as {}", job.stream, job.output, avcodec_get_name(codec),
               avcodec_get_name(lane->to_));
  return lane;
}

Result<void> Lane::open_recoder() {
  ASSIGN_OR_RETURN(recoder_, Recoder::open(*track_->parameters(), to_, how_, track_->shape()));
  return {};
}

bool Lane::ready() const {
  if (!encodes()) return track_->ready();
  return recoder_ && recoder_->parameters() != nullptr;
}

Result<void> Lane::put(PacketHandle packet, const Take& take) {
  if (packet) {
    ASSIGN_OR_RETURN(auto good, track_->mend(*packet));
    if (!good) return {};
    if (!encodes()) return take(std::move(packet));
    if (!track_->ready()) return {};
    // Its decoder knows one form of sound.
    if (!recoder_ || (track_->changed() && !is_video())) RETURN_IF_ERROR(open_recoder());
  }
  if (!recoder_) return {};
  return recoder_->recode(packet.get(), [&](AVPacket& made) -> Result<void> {
    PacketHandle own{av_packet_alloc()};
    if (!own) return ffmpeg_failed("encoding", AVERROR(ENOMEM));
    av_packet_move_ref(own.get(), &made);
    return take(std::move(own));
  });
}

}  // namespace framewire::codec
