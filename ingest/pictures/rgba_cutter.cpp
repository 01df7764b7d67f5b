#include "ingest/pictures/rgba_cutter.h"

#include <fmt/format.h>

#include <algorithm>

#include "ingest/cut/cutter_base.h"
#include "ingest/times/frame_clock.h"

namespace framewire {
namespace {

constexpr std::uint64_t kBytesPerPixel = 4;

class RgbaCutter final : public CutterBase {
 public:
  RgbaCutter(const CutterOptions& options, std::size_t frame_bytes, PartSink& sink)
      : CutterBase(options.limits, sink),
        width_(options.width),
        height_(options.height),
        frame_bytes_(frame_bytes),
        clock_(options.fps),
        fps_(options.fps) {}

  void stamp(std::int64_t pts_us) override { clock_.stamp(pts_us, !rest().empty()); }

 private:
  Result<void> cut() override {
    while (rest().size() >= frame_bytes_) {
      if (!started_) start();
      take(frame_bytes_);
      emit_group(clock_.next_us());
    }
    return {};
  }
  void start() {
    EpochInfo info;
    info.format = Format::rgba;
    info.mime = "application/octet-stream";
    info.width = width_;
    info.height = height_;
    info.fps = fps_;
    sink().on_epoch(info);
    started_ = true;
  }
  std::string_view element_name() const override { return "a frame"; }

  std::uint32_t width_;
  std::uint32_t height_;
  std::size_t frame_bytes_;
  FrameClock clock_;
  double fps_;
  bool started_ = false;
};

}  // namespace

Result<std::unique_ptr<Cutter>> make_rgba_cutter(const CutterOptions& options, PartSink& sink) {
  const auto [width, height] = std::pair{options.width, options.height};
  if (width == 0 || height == 0)
    return fail(Errc::unsupported_format, "rgba needs a width and a height");
  if (std::max(width, height) > options.limits.picture_side)
    return fail(Errc::limit_exceeded, fmt::format("a frame of {} x {} pixels, limit {} a side",
                                                  width, height, options.limits.picture_side));
  const std::uint64_t bytes = kBytesPerPixel * width * height;
  if (bytes > options.limits.element_bytes)
    return fail(Errc::limit_exceeded,
                fmt::format("a frame of {} bytes, limit {}", bytes, options.limits.element_bytes));
  return std::make_unique<RgbaCutter>(options, static_cast<std::size_t>(bytes), sink);
}

}  // namespace framewire
