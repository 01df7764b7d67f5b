#include "ingest/binary_cutter.h"

#include "ingest/cutter_base.h"

namespace framewire {
namespace {

class BinaryCutter final : public CutterBase {
 public:
  BinaryCutter(const CutterOptions& options, PartSink& sink) : CutterBase(options.limits, sink) {}

 private:
  Result<void> cut() override {
    if (rest().empty()) return {};
    if (auto fits = check_size("a message", rest().size(), limits().element_bytes); !fits)
      return fits;
    if (!started_) start();
    take(rest().size());
    emit_group(0);
    return {};
  }
  void start() {
    EpochInfo info;
    info.mime = "application/octet-stream";
    sink().on_epoch(info);
    started_ = true;
  }
  std::string_view element_name() const override { return "a message"; }

  bool started_ = false;
};

}  // namespace

std::unique_ptr<Cutter> make_binary_cutter(const CutterOptions& options, PartSink& sink) {
  return std::make_unique<BinaryCutter>(options, sink);
}

}  // namespace framewire
