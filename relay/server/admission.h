// What stands between a request's head and its session: the rules of request.h, and what an address
// has done before. Thread: the connection's loop.
#pragma once
#include <optional>
#include <string>

#include "relay/access/request.h"

namespace framewire::relay {

class Connection;

// As judge_upgrade() and judge_http(), for a request on this connection.
Verdict admit_upgrade(const Request& request, Connection& connection);
Verdict admit_http(const Request& request, Connection& connection);
// Answers a request that was not admitted: as JSON, or as a page where a browser shows it.
void refuse(Connection& connection, const Rejection& rejection);

}  // namespace framewire::relay
