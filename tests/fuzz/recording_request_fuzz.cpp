// What a request for a recording holds: the range that is sent lies in the file; an id never leaves
// its folder.
#include <algorithm>
#include <string_view>

#include "relay/http/byte_range.h"
#include "relay/record/names.h"
#include "tests/fuzz/cutter_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace framewire;
  using namespace framewire::relay;
  using fuzz::check;
  if (size < 8) return 0;
  const std::uint64_t file_size = load_be<std::uint64_t>(std::as_bytes(std::span{data, 8}));
  const std::string_view text{reinterpret_cast<const char*>(data) + 8, size - 8};
  const std::size_t half = text.find('\n');
  const std::string_view rest =
      half == std::string_view::npos ? std::string_view{} : text.substr(half + 1);
  const ByteRange range = judge_range(text.substr(0, half), rest, "\"tag\"", file_size);
  if (range.answer == ByteRange::Answer::part)
    check(range.size > 0 && range.from < file_size && range.size <= file_size - range.from,
          "the range lies in the file");
  else
    check(range.from == 0, "all or nothing else");
  if (is_recording_id(text)) {
    check(text.front() != '/' && text.find("..") != 0 && text.find("/.") == text.npos,
          "an id stays in its folder");
    check(std::none_of(text.begin(), text.end(), [](char c) { return c <= ' ' || c == '\x7f'; }),
          "an id is printable");
  }
  (void)expand_name(text, "cam", 0);
  return 0;
}
