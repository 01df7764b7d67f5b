#include "ingest/picture_cutter.h"

#include <fmt/format.h>

#include <algorithm>

#include "ingest/cutter_base.h"
#include "ingest/frame_clock.h"
#include "ingest/picture_scanner.h"

namespace framewire {
namespace {

class PictureCutter final : public CutterBase {
 public:
  PictureCutter(Format format, const CutterOptions& options, PartSink& sink)
      : CutterBase(options.limits, sink),
        format_(format),
        scanner_(make_picture_scanner(format)),
        clock_(options.fps),
        fps_(options.fps),
        resize_(options.resize) {}

  void stamp(std::int64_t pts_us) override { clock_.stamp(pts_us, !rest().empty()); }

 private:
  Result<void> cut() override {
    while (!rest().empty()) {
      const PictureScan scan = scanner_->scan(rest());
      if (scan.state == PictureScan::State::malformed)
        return malformed(std::string(scan.what), static_cast<std::size_t>(scan.at));
      if (auto fits = check_limits(scan.at); !fits) return fits;
      if (scan.state == PictureScan::State::more) return {};
      if (!started_) start();
      take(static_cast<std::size_t>(scan.at));
      emit_group(clock_.next_us());
      scanner_->reset();
    }
    return {};
  }

  Result<void> check_limits(std::uint64_t bytes) const {
    const auto [width, height] = std::pair{scanner_->width(), scanner_->height()};
    if (std::max(width, height) > limits().picture_side)
      return fail(Errc::limit_exceeded,
                  fmt::format("a picture of {} x {} pixels, limit {} a side", width, height,
                              limits().picture_side),
                  rest_offset());
    return check_size("a picture", bytes, limits().element_bytes);
  }

  void start() {
    EpochInfo info;
    info.format = format_;
    info.mime = fmt::format("image/{}", to_string(format_));
    info.width = scanner_->width();
    info.height = scanner_->height();
    info.fps = fps_;
    info.resize = resize_;
    sink().on_epoch(info);
    started_ = true;
  }
  std::string_view element_name() const override { return "a picture"; }

  Format format_;
  std::unique_ptr<PictureScanner> scanner_;
  FrameClock clock_;
  double fps_;
  Resize resize_;
  bool started_ = false;
};

}  // namespace

std::unique_ptr<Cutter> make_picture_cutter(Format format, const CutterOptions& options,
                                            PartSink& sink) {
  return std::make_unique<PictureCutter>(format, options, sink);
}

}  // namespace framewire
