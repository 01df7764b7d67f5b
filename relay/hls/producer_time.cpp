#include "relay/hls/producer_time.h"

#include "ingest/mp4/mp4_boxes.h"

namespace framewire::relay::hls {
namespace {
constexpr std::size_t kNtpAt = 8;  // in the body: version, flags and the track go before
constexpr std::int64_t kFrom1900To1970 = 2'208'988'800;
}  // namespace

std::optional<std::int64_t> producer_time_us(Bytes part) {
  mp4::BoxReader boxes{part, 0};
  while (true) {
    const auto box = boxes.next();
    if (!box || !*box || (*box)->type == mp4::four_cc("moof")) return std::nullopt;
    if ((*box)->type != mp4::four_cc("prft") || (*box)->body.size() < kNtpAt + 8) continue;
    const auto ntp = load_be<std::uint64_t>((*box)->body, kNtpAt);
    const auto seconds = static_cast<std::int64_t>(ntp >> 32) - kFrom1900To1970;
    return seconds * 1'000'000 + static_cast<std::int64_t>(((ntp & 0xffffffff) * 1'000'000) >> 32);
  }
}

}  // namespace framewire::relay::hls
