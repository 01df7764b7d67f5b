#include "ingest/base/error.h"

namespace framewire {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::protocol:
      return "protocol";
    case Errc::unsupported_format:
      return "unsupported-format";
    case Errc::bad_text:
      return "bad-text";
    case Errc::malformed_media:
      return "malformed-media";
    case Errc::limit_exceeded:
      return "limit-exceeded";
    case Errc::refused:
      return "refused";
    case Errc::past_credit:
      return "past-credit";
    case Errc::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace framewire
