// Hands an error on to the caller, in a line.
//
//   RETURN_IF_ERROR(check_size("a tag", size, limits.element_bytes));
//   ASSIGN_OR_RETURN(const auto head, read_head(bytes));
//
// For functions that give a Result, or another tl::expected of the same kind of error. The second
// is two statements: within braces only. Plain C++, without statement expressions.
#pragma once
#include <tl/expected.hpp>
#include <utility>

#define FW_TRY_JOIN2(a, b) a##b
#define FW_TRY_JOIN(a, b) FW_TRY_JOIN2(a, b)

#define RETURN_IF_ERROR(...)                                     \
  do {                                                           \
    if (auto fw_tried = (__VA_ARGS__); !fw_tried)                \
      return ::tl::make_unexpected(std::move(fw_tried).error()); \
  } while (false)

#define ASSIGN_OR_RETURN(variable, ...) \
  FW_ASSIGN_OR_RETURN(FW_TRY_JOIN(fw_tried_, __LINE__), variable, __VA_ARGS__)

#define FW_ASSIGN_OR_RETURN(tried, variable, ...)                     \
  auto tried = (__VA_ARGS__);                                         \
  if (!tried) return ::tl::make_unexpected(std::move(tried).error()); \
  variable = *std::move(tried)
