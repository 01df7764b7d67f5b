// Codec strings for MSE and WebCodecs, from the bitstream: what a page says of its recorder is no
// codec string ("video/webm;codecs=av01"). Pure functions; nullopt when the bytes are not what the
// name says, or hold too little. They read headers only and never past the bytes given.
//
// Sources: RFC 6381; ISO/IEC 14496-15 (avcC), 14496-10 7.3.2.1 (SPS); 14496-3 1.6 (AAC); "AV1 Codec
// ISO Media File Format Binding", sections 2.3 and 5; "VP Codec ISO Media File Format Binding"; VP9
// bitstream specification, section 6.2 and annex A.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "ingest/base/bytes.h"

namespace framewire {

// AVCDecoderConfigurationRecord -> "avc1.42E01F".
std::optional<std::string> avc_codec_string_from_avcc(Bytes avcc);
// One SPS NAL unit, its header byte first and no start code.
std::optional<std::string> avc_codec_string_from_sps(Bytes nal);
// An access unit in Annex B byte stream format: of its first SPS.
std::optional<std::string> avc_codec_string_from_annexb(Bytes access_unit);
// The first NAL unit of that type (7 = SPS, 8 = PPS) in an Annex B byte stream, without its start
// code; empty when there is none.
Bytes find_avc_nal(Bytes annexb, std::uint8_t nal_unit_type);

// AV1CodecConfigurationRecord -> "av01.0.04M.08"; its first 3 bytes are enough.
std::optional<std::string> av1_codec_string(Bytes av1c);

// A VP9 keyframe -> "vp09.00.31.08". The level is the least that fits width x height (pixels) at
// 30 frames a second, for the bitstream does not say it. nullopt for any other frame.
std::optional<std::string> vp9_codec_string(Bytes frame, std::uint32_t width, std::uint32_t height);
// The payload of a vpcC box: version and flags first.
std::optional<std::string> vp9_codec_string_from_vpcc(Bytes vpcc_payload);
// The level above as its two digits: 10 for level 1, 31 for 3.1.
int vp9_level(std::uint32_t width, std::uint32_t height);

// AudioSpecificConfig -> "mp4a.40.2".
std::optional<std::string> aac_codec_string(Bytes audio_specific_config);

}  // namespace framewire
