// What an epoch is, whole, as nodes tell one another: more than viewers are told by `stream`.
// Pure. Thread: any.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "ingest/cut/cutter.h"

namespace framewire::relay {

nlohmann::json epoch_json(const EpochInfo& info);
// nullopt: of a format that is not known here.
std::optional<EpochInfo> read_epoch(const nlohmann::json& object);

}  // namespace framewire::relay
