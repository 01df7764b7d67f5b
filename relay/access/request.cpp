#include "relay/access/request.h"

#include <algorithm>

namespace framewire::relay {

std::optional<std::string> Request::argument(std::string_view name) const {
  for (const std::string& argument : arguments)
    if (argument.size() > name.size() && argument.starts_with(name) && argument[name.size()] == '=')
      return argument.substr(name.size() + 1);
  return std::nullopt;
}

bool Request::has_argument(std::string_view name) const {
  return argument(name) || std::find(arguments.begin(), arguments.end(), name) != arguments.end();
}

}  // namespace framewire::relay
