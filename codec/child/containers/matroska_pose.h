// How pictures are turned and mirrored, in Matroska and WebM: ProjectionPoseRoll and -Yaw of a flat
// (rectangular) projection. FFmpeg's muxer writes a pose beside a spherical one only, before 6.1.
// So a turned track is written as a spherical one, whose bytes are then made flat, none more or
// less. Thread: any. Source: RFC 9559, 5.1.4.1.28 (Projection and what is in it); RFC 8794, 11.3
// (Void).
#pragma once
#include <span>

#include "codec/child/av/ffmpeg_handles.h"
#include "codec/child/av/shape.h"

namespace framewire::codec {

// Before the muxer's header is written; for a shape with a matrix. 0, or an AVERROR.
int set_matroska_pose(AVStream& stream, const Shape& shape);

// head: a file's beginning, up to and with its Tracks; without CRC-32 elements. What was changed is
// in the span that is given back; empty: nothing had a pose, or Tracks is not wholly there.
std::span<std::byte> flatten_matroska_pose(std::span<std::byte> head);

}  // namespace framewire::codec
