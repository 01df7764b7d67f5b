// Heads give the same requests however they are cut, and the same error at the same byte; what is
// taken for a request holds to RFC 9112.
#include "relay/http/http_head.h"
#include "tests/fuzz/cutter_fuzz.h"

namespace {

using namespace framewire;

struct Outcome {
  std::vector<std::string> requests;
  std::optional<std::uint64_t> error;
};

Outcome read(Bytes input, std::size_t cut) {
  relay::HeadReader reader{512};
  Outcome out;
  for (std::size_t at = 0; at < input.size() && !out.error; at += cut) {
    Bytes piece = input.subspan(at, std::min(cut, input.size() - at));
    while (!piece.empty() && !out.error) {
      const auto head = reader.feed(piece);
      if (!head) {
        out.error = head.error().offset;
        fuzz::check(head.error().offset <= 512, "an error lies in the head");
      } else if (*head) {
        const relay::Request& r = (*head)->request;
        // That HTTP/1.1 lacks it is told later (judge.cpp).
        fuzz::check(r.host.find_first_of(" /?#@\r\n") == std::string::npos, "a Host is a host");
        fuzz::check(!(r.content_length && !r.transfer_encoding.empty()), "one framing");
        fuzz::check(!r.path.empty(), "a path");
        out.requests.push_back(r.path + "\n" + r.host + "\n" +
                               std::to_string(r.content_length.value_or(0)));
        for (const std::string& argument : r.arguments) out.requests.back() += "\n" + argument;
      } else {
        fuzz::check(piece.empty(), "what needs more has taken all");
      }
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input = std::as_bytes(std::span{data, size});
  const Outcome whole = read(input, std::max<std::size_t>(size, 1));
  for (const std::size_t cut : {1u, 7u}) {
    const Outcome pieces = read(input, cut);
    fuzz::check(whole.requests == pieces.requests, "requests do not depend on the cuts");
    fuzz::check(whole.error == pieces.error, "nor does the error");
  }
  return 0;
}
