// The API's own description, made of the table of routes: whatever row has an Operation is in it.
// Pure. Thread: any.  Source: OpenAPI Specification 3.1.1.
#pragma once
#include <string>

#include "relay/access/route.h"

namespace framewire::relay {

std::string openapi_json(const RouteTable& routes, std::string_view version);

}  // namespace framewire::relay
