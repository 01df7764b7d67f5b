#include "ingest/pictures/picture_cutter.h"

#include <fmt/format.h>

#include <algorithm>

#include "ingest/base/try.h"
#include "ingest/cut/cutter_base.h"
#include "ingest/pictures/picture_scanner.h"
#include "ingest/times/frame_clock.h"

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
      if (auto passed = pass_over_junk(); !passed || between_) return passed;
      const PictureScan scan = scanner_->scan(rest());
      if (scan.state == PictureScan::State::malformed)
        return malformed(std::string(scan.what), static_cast<std::size_t>(scan.at));
      RETURN_IF_ERROR(check_limits(scan.at));
      if (scan.state == PictureScan::State::more) return {};
      give_out(static_cast<std::size_t>(scan.at));
    }
    return {};
  }

  // The next `bytes` are a picture; what follows it at once and is none stays behind it.
  void give_out(std::size_t bytes) {
    if (!started_) start();
    if (scanner_->animated())
      note(fmt::format("{}-animated", to_string(format_)),
           fmt::format("an animated {}: of each the first picture is shown",
                       format_ == Format::webp ? "WebP" : "PNG"),
           rest_offset());
    if (scanner_->lacks_only_its_end())
      note("picture-without-end", "a picture without its end (EOI): it is taken as it is",
           rest_offset());
    const std::size_t junk = std::min(scanner_->junk(rest().subspan(bytes)), limits().junk_bytes);
    if (junk > 0) note_junk(bytes);
    take(bytes + junk);
    emit_group(clock_.next_us());
    scanner_->reset();
    between_ = true;
    junk_bytes_ = junk;
  }

  // Between two pictures: bytes that came later than the one before, and begin none.
  Result<void> pass_over_junk() {
    if (!between_) return {};
    const std::size_t junk = scanner_->junk(rest());
    if (junk_bytes_ + junk > limits().junk_bytes)
      return malformed(
          fmt::format("no {} picture in {} bytes", to_string(format_), limits().junk_bytes));
    if (junk > 0) note_junk(0);
    leave_out(junk);
    junk_bytes_ += junk;
    between_ = !scanner_->begins(rest());
    return {};
  }
  void note_junk(std::size_t at_in_rest) {
    note("picture-padding", "bytes between pictures that belong to none: they are passed over",
         rest_offset() + at_in_rest);
  }

  void flush(bool at_end) override {
    if (!at_end || rest().empty() || !scanner_->lacks_only_its_end()) return;
    give_out(rest().size());
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
  bool between_ = false;        // a picture was given out, and the next has not begun
  std::size_t junk_bytes_ = 0;  // since then
};

}  // namespace

std::unique_ptr<Cutter> make_picture_cutter(Format format, const CutterOptions& options,
                                            PartSink& sink) {
  return std::make_unique<PictureCutter>(format, options, sink);
}

}  // namespace framewire
