#include "codec/early_choice.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace framewire::codec {
namespace {

// What a name begins with.
constexpr std::array kNowhere = {"hvc1", "hev1", "vorbis", "pcm",  "alaw",
                                 "ulaw", "ac-3", "ec-3",   "alac", "speex"};
constexpr std::array kNotInMp4 = {"vp8", "vp08", "mp3", "mp4a.69", "mp4a.6B"};
constexpr std::array kNotInTs = {"vp8", "vp08", "vp9", "vp09", "av01", "flac"};
constexpr std::array kNotInFlv = {"vp8", "vp08", "vp9", "vp09", "av01", "flac", "opus"};

bool begins_with_one(std::string_view codec, std::span<const char* const> names) {
  return std::any_of(names.begin(), names.end(),
                     [&](const char* name) { return codec.starts_with(name); });
}

bool surely_not_in(std::string_view output, std::string_view codec) {
  if (output == "mp4") return begins_with_one(codec, kNowhere) || begins_with_one(codec, kNotInMp4);
  if (output == "ts") return begins_with_one(codec, kNowhere) || begins_with_one(codec, kNotInTs);
  if (output == "flv") return begins_with_one(codec, kNowhere) || begins_with_one(codec, kNotInFlv);
  return false;
}

}  // namespace

bool surely_instead(const Output& output, const EpochInfo& epoch) {
  if (output.instead.empty()) return false;
  const auto none_fits = [&](TrackKind kind) {
    bool any = false;
    for (const TrackInfo& track : epoch.tracks) {
      if (track.kind != kind) continue;
      any = true;
      if (!surely_not_in(output.name, track.codec)) return false;
    }
    return any;
  };
  return none_fits(TrackKind::video) || none_fits(TrackKind::audio);
}

}  // namespace framewire::codec
