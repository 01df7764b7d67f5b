// Makes what shared_templates.h says is made elsewhere.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#define FRAMEWIRE_TEMPLATE template
#include "cmake/shared_templates.h"
