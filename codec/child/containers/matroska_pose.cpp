#include "codec/child/containers/matroska_pose.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "codec/child/av/ffmpeg_version.h"
#include "ingest/webm/webm_ebml.h"

extern "C" {
#include <libavutil/mem.h>
#include <libavutil/spherical.h>
}

namespace framewire::codec {
namespace {

constexpr std::uint32_t kTrackEntry = 0xAE;
constexpr std::uint32_t kVideo = 0xE0;
constexpr std::uint32_t kProjection = 0x7670;
constexpr std::uint32_t kProjectionType = 0x7671;  // 0: rectangular
constexpr std::uint32_t kProjectionPrivate = 0x7672;

constexpr double kFixed = 1 << 16;
constexpr std::int32_t kMirrored = 180 << 16;

using Span = std::span<std::byte>;

// The bytes of `child` in those that it was found in.
Span bytes_of(Span data, const ebml::Child& child) {
  const auto from = static_cast<std::size_t>(child.data.data() - Bytes{data}.data());
  return data.subspan(child.at, from - child.at + child.data.size());
}

// take(its bytes, its data's bytes), for each child of that kind.
template <typename Take>
void each(Span data, std::uint32_t id, const Take& take) {
  for (ebml::Children children{data}; const auto child = children.next();) {
    if (child->id != id) continue;
    const Span whole = bytes_of(data, *child);
    take(whole, whole.last(child->data.size()));
  }
}

// A Void of the same length.
void make_void(Span element) {
  const std::size_t id_bytes = 2, void_id_bytes = 1;
  const auto head = ebml::read_head(element);
  const std::size_t width = head.head.head_bytes - id_bytes + (id_bytes - void_id_bytes);
  std::uint64_t size = head.head.size | (std::uint64_t{1} << (7 * width));
  element[0] = std::byte{ebml::kVoid};
  for (std::size_t i = width; i > 0; --i, size >>= 8)
    element[i] = static_cast<std::byte>(size & 0xff);
  std::fill(element.begin() + static_cast<std::ptrdiff_t>(head.head.head_bytes), element.end(),
            std::byte{0});
}

Span tracks_in(Span head) {
  while (!head.empty()) {
    const auto [state, element] = ebml::read_head(head);
    if (state != ebml::HeadState::whole) return {};
    head = head.subspan(element.head_bytes);
    if (element.id == ebml::kSegment) continue;  // its children follow
    if (!element.size_known() || element.size > head.size()) return {};
    const auto size = static_cast<std::size_t>(element.size);
    if (element.id == ebml::kTracks) return head.first(size);
    head = head.subspan(size);
  }
  return {};
}

}  // namespace

int set_matroska_pose(AVStream& stream, const Shape& shape) {
  std::size_t size = 0;
  AVSphericalMapping* pose = av_spherical_alloc(&size);
  if (!pose) return AVERROR(ENOMEM);
  const std::int32_t a = (*shape.matrix)[0], b = (*shape.matrix)[1];
  const std::int32_t c = (*shape.matrix)[3], d = (*shape.matrix)[4];
  const bool mirrored = static_cast<double>(a) * static_cast<double>(d) <
                        static_cast<double>(b) * static_cast<double>(c);
  const double degrees = 180 / std::numbers::pi * std::atan2(c, d);
  pose->projection = AV_SPHERICAL_EQUIRECTANGULAR;
  pose->yaw = mirrored ? kMirrored : 0;
  pose->roll = static_cast<std::int32_t>(std::lround(degrees * kFixed));
  const int failed = give_side_data(stream, AV_PKT_DATA_SPHERICAL, pose, size);
  if (failed < 0) av_free(pose);
  return failed;
}

std::span<std::byte> flatten_matroska_pose(std::span<std::byte> head) {
  const Span tracks = tracks_in(head);
  bool changed = false;
  each(tracks, kTrackEntry, [&](Span, Span entry) {
    each(entry, kVideo, [&](Span, Span video) {
      each(video, kProjection, [&](Span, Span projection) {
        each(projection, kProjectionType,
             [](Span, Span type) { std::fill(type.begin(), type.end(), std::byte{0}); });
        each(projection, kProjectionPrivate, [](Span whole, Span) { make_void(whole); });
        changed = true;
      });
    });
  });
  return changed ? tracks : Span{};
}

}  // namespace framewire::codec
