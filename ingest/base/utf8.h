// Whether bytes are well-formed UTF-8 (RFC 3629; RFC 6455, section 8.1): no overlong forms, no
// surrogates, nothing above U+10FFFF. Checked on whole messages.
#pragma once
#include "ingest/base/bytes.h"

namespace framewire {

bool is_utf8(Bytes bytes);

}  // namespace framewire
