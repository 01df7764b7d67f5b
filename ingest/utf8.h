// Whether bytes are well-formed UTF-8 (RFC 3629; RFC 6455, section 8.1): no overlong forms, no
// surrogates, nothing above U+10FFFF. Checked on whole messages: libwebsockets 4.1 can check as
// they come, but then holds the payloads of pings and pongs against the last text too.
#pragma once
#include "ingest/bytes.h"

namespace framewire {

bool is_utf8(Bytes bytes);

}  // namespace framewire
