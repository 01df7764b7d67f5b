#include "codec/child/live/sound_gap.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "codec/child/av/ffmpeg_error.h"
#include "codec/child/codecs/silent_sound.h"
#include "ingest/base/try.h"

namespace framewire::codec {
namespace {

constexpr std::int64_t kSameUs = 1'000;                // a tick of most containers
constexpr std::int64_t kLongestPictureUs = 1'000'000;  // until its end is waited for

}  // namespace

void SoundGap::came(const AVPacket& packet, bool picture) {
  if (picture)
    newest_picture_us_ = std::max(packet.dts, newest_picture_us_.value_or(packet.dts));
  else if (newest_picture_us_)
    late_us_ = std::max(late_us_, *newest_picture_us_ - packet.dts);
}

Result<void> SoundGap::before_picture(const AVPacket& picture, const AVCodecParameters& sound,
                                      const Put& put) {
  if (!end_us_ || picture.dts < *end_us_ || late_us_ > kLongestUs) return {};
  if (!alone_from_us_) alone_from_us_ = picture.dts;
  if (!away_ && picture.dts - *alone_from_us_ < patience_us()) return {};
  const std::int64_t from_us = std::exchange(away_, true) ? picture.dts : *alone_from_us_;
  if (from_us - *end_us_ > kLongestUs) {
    end_us_ = from_us;
    silent_from_us_.reset();
  }
  return fill(picture.dts + std::min(picture.duration, kLongestPictureUs), false, sound, put);
}

Result<bool> SoundGap::before_sound(const AVPacket& packet, const AVCodecParameters& sound,
                                    const Put& put) {
  const std::int64_t before_us = std::exchange(packet_us_, packet.duration);
  alone_from_us_.reset();
  const bool was_away = std::exchange(away_, false);
  if (silent_from_us_ && packet.dts < *end_us_ - kSameUs) return false;
  const std::int64_t hole_us = end_us_ ? packet.dts - *end_us_ : 0;
  const bool lost = end_us_ && hole_us > before_us - kSameUs;
  if ((was_away || lost) && hole_us < kPatienceUs)
    RETURN_IF_ERROR(fill(packet.dts, true, sound, put));
  silent_from_us_.reset();
  end_us_ = packet.dts + packet.duration;
  return true;
}

Result<void> SoundGap::fill(std::int64_t to_us, bool whole, const AVCodecParameters& sound,
                            const Put& put) {
  const auto silence = silent_sound(sound, packet_us_);
  if (!silence) return {};
  if (!silent_from_us_) {
    silent_from_us_ = end_us_;
    silent_packets_ = 0;
  }
  if (whole) to_us += kSameUs - silence->begins_us(1);
  while (*end_us_ < to_us) {
    PacketHandle packet{av_packet_alloc()};
    const auto size = static_cast<int>(silence->packet.size());
    if (!packet || av_new_packet(packet.get(), size) < 0)
      return ffmpeg_failed("silence", AVERROR(ENOMEM));
    std::memcpy(packet->data, silence->packet.data(), silence->packet.size());
    packet->dts = packet->pts = *end_us_;
    packet->flags |= AV_PKT_FLAG_KEY;
    end_us_ = *silent_from_us_ + silence->begins_us(++silent_packets_);
    packet->duration = *end_us_ - packet->dts;
    RETURN_IF_ERROR(put(*packet));
  }
  return {};
}

}  // namespace framewire::codec
