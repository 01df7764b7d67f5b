// Which session serves which request.
#pragma once
#include <memory>

#include "relay/access/request.h"
#include "relay/server/session.h"

namespace framewire::relay {

class Connection;

std::unique_ptr<Session> make_ws_session(Connection& connection, const Admission& admission,
                                         const Request& request);
std::unique_ptr<Session> make_http_session(Connection& connection, const Admission& admission,
                                           const Request& request);

}  // namespace framewire::relay
