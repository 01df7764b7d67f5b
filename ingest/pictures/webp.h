// The first picture of an animated WebP as one that is not: decoders that know no animation take
// it. Source: RFC 9649, sections 2.7.1.1 and 3.
#pragma once
#include "ingest/base/bytes.h"

namespace framewire {

// webp: a whole RIFF. Empty: it is not animated, or holds no whole first picture.
Buffer webp_first_picture(Bytes webp);

}  // namespace framewire
