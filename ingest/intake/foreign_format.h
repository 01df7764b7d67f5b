// Names what a stream is that is not taken, by its first bytes, so that its publisher can be told.
#pragma once
#include <optional>
#include <string_view>

#include "ingest/base/bytes.h"

namespace framewire {

// "AVI". nullopt: not known either.
std::optional<std::string_view> name_foreign_format(Bytes start);

}  // namespace framewire
