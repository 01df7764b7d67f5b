#include "codec/child/containers/producer_time.h"

#include <algorithm>

#include "ingest/mp4/mp4_boxes.h"

namespace framewire::codec {
namespace {

using mp4::four_cc;

constexpr std::size_t kBoxBytes = 32;
constexpr std::uint32_t kReceived = 0x01000018;  // version 1; the time is that of its receipt
constexpr std::uint64_t kFrom1900To1970 = 2'208'988'800;

// The first child box of that type.
Bytes child(Bytes body, mp4::FourCc type) {
  mp4::BoxReader boxes{body, 0};
  while (true) {
    const auto box = boxes.next();
    if (!box || !*box) return {};
    if ((*box)->type == type) return (*box)->body;
  }
}

std::uint64_t ntp(std::int64_t us) {
  const auto time = static_cast<std::uint64_t>(std::max<std::int64_t>(us, 0));
  return (time / 1'000'000 + kFrom1900To1970) << 32 | ((time % 1'000'000) << 32) / 1'000'000;
}

}  // namespace

Buffer producer_time_box(Bytes bytes, std::int64_t received_us) {
  if (bytes.size() < 8 || load_be<std::uint32_t>(bytes, 4) != four_cc("moof")) return {};
  const Bytes traf = child(child(bytes, four_cc("moof")), four_cc("traf"));
  const Bytes tfhd = child(traf, four_cc("tfhd"));
  const Bytes tfdt = child(traf, four_cc("tfdt"));
  if (tfhd.size() < 8 || tfdt.size() < 12 || tfdt[0] != std::byte{1}) return {};
  Buffer out(kBoxBytes);
  store_be(out.data(), static_cast<std::uint32_t>(kBoxBytes));
  store_be(out.data() + 4, four_cc("prft"));
  store_be(out.data() + 8, kReceived);
  store_be(out.data() + 12, load_be<std::uint32_t>(tfhd, 4));
  store_be(out.data() + 16, ntp(received_us));
  store_be(out.data() + 24, load_be<std::uint64_t>(tfdt, 4));
  return out;
}

std::optional<std::int64_t> producer_time_us(Bytes bytes) {
  if (bytes.size() < kBoxBytes || load_be<std::uint32_t>(bytes, 4) != four_cc("prft") ||
      load_be<std::uint32_t>(bytes, 8) != kReceived)
    return std::nullopt;
  const auto time = load_be<std::uint64_t>(bytes, 16);
  if (time >> 32 < kFrom1900To1970) return std::nullopt;
  const std::uint64_t part = ((time & 0xffffffff) * 1'000'000 + 0xffffffff) >> 32;  // as it was
  return static_cast<std::int64_t>(((time >> 32) - kFrom1900To1970) * 1'000'000 + part);
}

}  // namespace framewire::codec
