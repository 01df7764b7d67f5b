// A body of the control API, against each schema that takes one: what fits is what it says it is,
// and what does not has a sentence.
#include <nlohmann/json.hpp>
#include <string_view>

#include "relay/control/schema_check.h"
#include "relay/control/schemas.h"
#include "tests/fuzz/cutter_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace framewire;
  using namespace framewire::relay;
  using fuzz::check;
  constexpr std::string_view kBodies[] = {"StreamChange", "ChatChange", "ConfigChange",
                                          "RestreamWish", "RecordWish"};
  if (size == 0) return 0;
  const auto& schema = schema_named(kBodies[data[0] % std::size(kBodies)]);
  const auto body = read_body({reinterpret_cast<const char*>(data) + 1, size - 1}, schema);
  if (!body) {
    check(!body.error().what.empty() && body.error().what.size() < 1'000, "it is said why");
    return 0;
  }
  check(body->is_object(), "all bodies are objects");
  const auto again = read_body(body->dump(), schema);
  check(again && *again == *body, "what fits can be written and read again");
  return 0;
}
