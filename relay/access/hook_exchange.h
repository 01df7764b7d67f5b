// What is said between this server and the operator's own (--auth-url): the question as JSON, and
// what its answer means. Pure. Thread: any. Source: docs/security.md, "The login server";
// RFC 9111 5.2.
#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "relay/access/authorizer.h"
#include "relay/access/jwt/claims.h"

namespace framewire::relay {

inline constexpr std::size_t kHookBodyBytes = 16u << 10;  // of an answer
inline constexpr std::size_t kHookHeadBytes = 16u << 10;
inline constexpr std::size_t kHookMetadataBytes = 1u << 10;  // as JSON
inline constexpr std::size_t kHookNameBytes = 64;            // what others see: kSideNameBytes
inline constexpr std::chrono::hours kHookLongest{24};  // an answer is kept, whatever max-age says

// A JSON object of one line. What is not UTF-8 in it is replaced.
std::string hook_question(const Credentials& credentials);

// What an answer is looked up by: all that was told but the connection, of what a player adds to
// each request nothing (`_HLS_...`).
std::string hook_subject(const Credentials& credentials);

struct HookAnswer {
  std::optional<std::vector<jwt::Right>> rights;  // nullopt: what was asked for
  std::optional<jwt::Instant> expires;
  std::string name;      // "": not said
  std::string metadata;  // JSON, an object; "": none
  jwt::Quota quota;
};

// The body of a 2xx: nothing, or an object of which every member is understood, for what is not
// might be a restriction. Errors: a sentence with nothing of the body in it.
tl::expected<HookAnswer, std::string> read_hook_answer(std::string_view body);

// What a refusal says for people, in {"message": "..."}; "" = nothing that may be shown.
std::string hook_sentence(std::string_view body);

// For how long the answer may be used again: max-age, unless no-store or no-cache is there. What
// cannot be read, or is said twice, means 0.
std::chrono::seconds max_age_of(std::string_view cache_control);

}  // namespace framewire::relay
