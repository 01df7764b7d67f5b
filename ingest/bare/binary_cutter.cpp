#include "ingest/bare/binary_cutter.h"

#include "ingest/cut/cutter_base.h"

namespace framewire {
namespace {

class BinaryCutter final : public CutterBase {
 public:
  BinaryCutter(const CutterOptions& options, PartSink& sink) : CutterBase(options.limits, sink) {}

  void stamp(std::int64_t pts_us) override { pts_us_ = pts_us; }

 private:
  Result<void> cut() override {
    if (rest().empty()) return {};
    if (auto fits = check_size("a message", rest().size(), limits().element_bytes); !fits)
      return fits;
    if (!started_) start();
    take(rest().size());
    emit_group(pts_us_);
    return {};
  }
  void start() {
    EpochInfo info;
    info.mime = "application/octet-stream";
    sink().on_epoch(info);
    started_ = true;
  }
  std::string_view element_name() const override { return "a message"; }

  std::int64_t pts_us_ = 0;
  bool started_ = false;
};

}  // namespace

std::unique_ptr<Cutter> make_binary_cutter(const CutterOptions& options, PartSink& sink) {
  return std::make_unique<BinaryCutter>(options, sink);
}

}  // namespace framewire
