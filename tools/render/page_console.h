// What a page says, as lines for people: errors with file and line, warnings of its console.
// Thread: any.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace framewire::cli {

// "" = nothing that anybody needs to see. method: Runtime.consoleAPICalled, Log.entryAdded.
std::string console_line(const std::string& method, const nlohmann::json& params);

}  // namespace framewire::cli
