// Messages of the browser's pipe are the same however its bytes are cut; what is called base64
// decodes to three quarters of it, or not at all.
#include "tests/fuzz/cutter_fuzz.h"
#include "tools/render/devtools_reader.h"

namespace {

using namespace framewire;

std::vector<std::string> messages(Bytes input, std::size_t cut) {
  cli::DevtoolsReader reader{4096};
  std::vector<std::string> out;
  for (std::size_t at = 0; at < input.size(); at += cut) {
    const bool fed = reader.feed(input.subspan(at, std::min(cut, input.size() - at))).has_value();
    while (auto message = reader.next()) out.push_back(*std::move(message));
    if (!fed) break;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input = std::as_bytes(std::span{data, size});
  const auto whole = messages(input, std::max<std::size_t>(size, 1));
  fuzz::check(whole == messages(input, 1), "messages do not depend on the cuts");
  fuzz::check(whole == messages(input, 7), "messages do not depend on odd cuts");
  for (const std::string& message : whole)
    if (const auto member = cli::plain_member(message, "data"))
      if (const auto bytes = cli::base64_decode(*member))
        fuzz::check(bytes->size() <= member->size() / 4 * 3, "no byte is made up");
  return 0;
}
