// The table of routes: a row says by which methods a path is asked for, what that needs, and what
// serves it. Rights, dispatch, 405 with its Allow and the tests of the documents all read the same
// rows; relay/server/routes.cpp has them. How a path becomes a Route is target.h's.
// Thread: immutable, any.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "relay/access/principal.h"
#include "relay/access/request.h"
#include "relay/access/target.h"

namespace framewire::relay {

class Connection;
class Session;
struct Admission;

// Makes what serves a request that was let in (relay/server).
using MakeSession = std::unique_ptr<Session> (*)(Connection&, const Admission&, const Request&);

// Ways to ask, joined by |.
using Ways = unsigned;
inline constexpr Ways kGet = 1, kHead = 2, kPost = 4, kPut = 8, kDelete = 16, kWebSocket = 32,
                      kPatch = 64;
inline constexpr Ways kRead = kGet | kHead;

// 0: none that a row could have, such as OPTIONS.
Ways way_of(const Request& request);

// What a row of the API is called and answers, for its OpenAPI document (relay/control/openapi.h).
struct Parameter {
  std::string_view name;
  std::string_view type;  // of JSON Schema: "string" or "integer"
  std::string_view about;
};
struct Operation {
  std::string_view id;
  std::string_view about;
  std::string_view answer = {};  // a schema of relay/control/schemas.h, or a content type; "" = 204
  std::string_view body = {};    // the request's: a schema
  std::span<const Parameter> parameters = {};
  bool tagged = false;  // its answer has an ETag, and is 304 to who has it
};

struct RouteRow {
  std::string_view shape;  // as PROTOCOL.md writes it; one of those that lead to the route
  Target::Route route = Target::Route::none;
  Ways ways = 0;
  // Of the stream that the path names, or of all if it names none. nullopt: it is anybody's.
  std::optional<Action> needs;
  MakeSession make = nullptr;
  bool page = false;      // a browser shows the answer to GET: a refusal is told in HTML
  bool any_host = false;  // whatever the Host header says (hosts.h)
  const Operation* operation = nullptr;  // of the API; null: it is none of it
};

class RouteTable {
 public:
  constexpr explicit RouteTable(std::span<const RouteRow> rows) : rows_(rows) {}

  std::span<const RouteRow> rows() const { return rows_; }
  // nullptr: there is none.
  const RouteRow* find(Target::Route route, Ways way) const;
  // What a request needs before it is told anything of the route: what its row does, or, as no row
  // has this method, what it takes to read.
  std::optional<Action> needs(Target::Route route, Ways way) const;
  // For an Allow header: the methods of all routes that the path is, by whatever method.
  std::string allow(std::string_view path) const;

 private:
  std::span<const RouteRow> rows_;
};

}  // namespace framewire::relay
