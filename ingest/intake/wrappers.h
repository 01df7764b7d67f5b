// The unwrappers of wrapping.h, one each.
#pragma once
#include <memory>

#include "ingest/intake/wrapping.h"

namespace framewire {

std::unique_ptr<Unwrapper> make_gunzip();
std::unique_ptr<Unwrapper> make_multipart();

}  // namespace framewire
