#include "ingest/mp4/mp4_boxes.h"
#include "ingest/mp4/mp4_cutter.h"
#include "tests/fuzz/cutter_fuzz.h"

namespace {

// What the HLS packager reads of the parts that the cutter lets through.
class TimesReader final : public framewire::PartSink {
 public:
  void on_epoch(const framewire::EpochInfo&) override {}
  void on_part(framewire::Rendition, const framewire::CutPart& part) override {
    if (part.init) {
      movie_ = framewire::mp4::read_init(part.payload, 8);
    } else if (movie_) {
      (void)framewire::mp4::read_times(part.payload, *movie_);
    }
  }

 private:
  framewire::Result<framewire::mp4::Movie> movie_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  TimesReader reader;
  (void)framewire::make_mp4_cutter({}, reader)->feed(std::as_bytes(std::span{data, size}));
  return framewire::fuzz::fuzz_cutter(data, size, framewire::make_mp4_cutter);
}
