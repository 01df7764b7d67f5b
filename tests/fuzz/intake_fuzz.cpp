// All that a publisher's bytes go through: unwrapping, naming, cutting. The first byte chooses how
// they are cut, and whether they are messages.
#include "ingest/intake/intake.h"
#include "tests/fuzz/cutter_fuzz.h"

namespace {

struct Sink final : framewire::PartSink {
  void on_epoch(const framewire::EpochInfo&) override { ++epochs; }
  void on_part(framewire::Rendition, const framewire::CutPart& part) override {
    framewire::fuzz::check(epochs > 0, "on_epoch comes before parts");
    framewire::fuzz::check(!part.payload.empty(), "no part is empty");
  }
  std::size_t epochs = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace framewire;
  if (size < 2) return 0;
  IntakeOptions options;
  options.messages = (data[0] & 1) != 0;
  options.cutter.limits = fuzz::Expectations{}.limits;
  Sink sink;
  Intake intake(options, sink);
  Bytes left = std::as_bytes(std::span{data + 1, size - 1});
  const std::size_t piece = 1 + static_cast<std::size_t>(data[0]) * 3;
  Result<void> fed;
  while (fed && !left.empty()) {
    fed = intake.feed(left.first(std::min(piece, left.size())));
    left = left.subspan(std::min(piece, left.size()));
  }
  if (fed) fed = intake.finish();
  if (!fed) fuzz::check(!fed.error().what.empty(), "an error has a sentence");
  return 0;
}
