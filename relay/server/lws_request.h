// Reads a request's head out of libwebsockets while its header table is there: in the HTTP,
// CONFIRM_UPGRADE and ESTABLISHED callbacks only.
#pragma once
#include "relay/server/request.h"

struct lws;

namespace framewire::relay {

Request read_request(lws* wsi);

}  // namespace framewire::relay
