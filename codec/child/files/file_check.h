// What is in a film's tracks and what is wrong with it: every packet is decoded.
//   times      decoding times grow; no packet is without one
//   keyframes  the first picture is one, and as many are flagged as the decoder finds
//   gaps       between two pictures, or between a sound's end and the next sound
//   drift      how much farther apart sound and picture are at the end than at the start
// Thread: one. Errors: malformed_media, unsupported_format when a decoder cannot even be opened.
#pragma once
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "codec/child/codecs/decoder.h"
#include "codec/child/files/media_file.h"

namespace framewire::codec {

struct CheckLimits {
  std::int64_t gap_us = 0;
  std::int64_t drift_us = 0;
};

class TrackCheck {
 public:
  static Result<TrackCheck> open(const AVStream& stream, std::int64_t gap_us);
  // Times in microseconds.
  void take(const AVPacket& packet);
  void finish();
  nlohmann::json facts() const;
  const std::vector<std::string>& faults() const { return faults_; }
  bool is_video() const { return parameters_->codec_type == AVMEDIA_TYPE_VIDEO; }
  // Of what was decoded; nullopt: nothing was.
  std::optional<std::int64_t> begin_us() const { return begin_us_; }
  std::int64_t end_us() const { return end_us_; }

 private:
  void note_times(const AVPacket& packet);
  void decode(const AVPacket* packet);
  void on_frame(const AVFrame& frame);
  void fault(std::string what);

  const AVCodecParameters* parameters_ = nullptr;
  std::int64_t gap_limit_us_ = 0;
  std::unique_ptr<Decoder> decoder_;
  std::uint64_t packets_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t flagged_ = 0;  // keyframes, by the container
  std::uint64_t intra_ = 0;    // keyframes, by the decoder
  std::uint64_t gaps_ = 0;
  std::uint64_t undecodable_ = 0;
  std::int64_t longest_gap_us_ = 0;
  std::int64_t longest_group_us_ = 0;
  std::int64_t last_key_us_ = 0;
  std::int64_t last_dts_ = AV_NOPTS_VALUE;
  std::int64_t packet_us_ = 0;  // of the one that is decoded now
  std::optional<std::int64_t> begin_us_;
  std::int64_t end_us_ = 0;
  std::int64_t last_pts_us_ = 0;
  std::vector<std::string> faults_;
  std::size_t more_faults_ = 0;
};

// Reads all of the film. The answer of check.h.
Result<nlohmann::json> check_file(MediaFile& film, const CheckLimits& limits);

}  // namespace framewire::codec
