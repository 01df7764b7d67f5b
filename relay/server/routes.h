// What this server serves (relay/access/route.h): the one table of routes, and which session serves
// a request that was let in.
#pragma once
#include <memory>

#include "relay/access/judge.h"
#include "relay/server/session.h"

namespace framewire::relay {

const RouteTable& routes();

std::unique_ptr<Session> make_session(Connection& connection, const Admission& admission,
                                      const Request& request);

}  // namespace framewire::relay
