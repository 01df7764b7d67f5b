// What stands between a request's head and its session: the rules of relay/access/judge.h, what an
// address has done before, and who asks, which may take a while to find out. Thread: the
// connection's loop.
#pragma once
#include <chrono>
#include <memory>

#include "relay/access/identity_book.h"
#include "relay/access/judge.h"

namespace framewire::relay {

class Connection;

// Decides on a request of this connection, and calls its proceed(): before this returns or, where
// the loop's authorizer answers later, then. Meanwhile nothing more is read of it.
void admit(Connection& connection, const Request& request);
// The same verdict, with what it uses counted for whoever has limits
// (relay/access/identity_book.h), or that it has as much as it may.
Verdict within_quota(const Request& request, const Admission& admission, IdentityBook& book,
                     std::unique_ptr<IdentityBook::Use>& use, IdentityBook::Probe probe = {});
// For how long keys of its address are not looked at, at least a second.
std::chrono::seconds::rep seconds_left(Connection& connection);
// Answers a request that was not admitted: as JSON, or as a page where a browser shows it.
void refuse(Connection& connection, const Rejection& rejection);

}  // namespace framewire::relay
