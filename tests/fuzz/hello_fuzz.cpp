// Whatever a publisher says, there is a message within the limits or an error, and no exception.
#include "ingest/wire/publisher_messages.h"
#include "tests/fuzz/cutter_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace framewire;
  using fuzz::check;
  const Limits limits;
  const auto message =
      parse_publisher_message(as_text(std::as_bytes(std::span{data, size})), limits);
  if (!message) {
    const Errc code = message.error().code;
    check(
        code == Errc::bad_text || code == Errc::limit_exceeded || code == Errc::unsupported_format,
        "an error of a hello is the text's fault");
    check(!message.error().what.empty(), "an error has a sentence");
    return 0;
  }
  if (const auto* said = std::get_if<SideText>(&*message)) {
    check(said->name.size() <= kSideNameBytes, "names are limited");
    const std::string again = R"({"type":"message","data":)" + said->data + "}";
    const auto twice = parse_publisher_message(again, {.text_bytes = again.size()});
    check(twice && std::get<SideText>(*twice).data == said->data, "what is passed on is JSON");
  }
  if (const auto* hello = std::get_if<PublishHello>(&*message)) {
    check(hello->width <= limits.picture_side && hello->height <= limits.picture_side,
          "sides are limited");
    check(hello->fps >= 0 && hello->fps <= 1000, "fps is a sensible number");
    check(hello->mime.size() <= 1024 && hello->title.size() <= 1024, "strings are limited");
  }
  return 0;
}
