#include "tools/serving/serve_hook_rows.h"

#include <chrono>
#include <cstddef>

#include "relay/fetch/http_get.h"
#include "tools/serving/option_row_kinds.h"

namespace framewire::cli {
namespace {

using relay::Config;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

OptionRow url_row() {
  return {"auth-url",
          "URL",
          {},
          "Ask this server (https:, or http: of this machine) by POST whether somebody may who "
          "shows neither a key nor, with --jwks, a token; without its word nobody may publish or "
          "watch",
          {},
          OptionRow::Kind::value,
          [](ServeSettings& to, Texts texts) -> Parsed<void> {
            if (std::string wrong = relay::why_not_fetched(texts[0]); !wrong.empty())
              return tl::make_unexpected(std::move(wrong));
            to.config.auth_url = texts[0];
            return {};
          }};
}

}  // namespace

std::vector<OptionRow> hook_rows() {
  return {
      url_row(),
      duration(
          "auth-timeout", [](Config& c) -> milliseconds& { return c.auth_timeout; }, 100ms, 1min,
          "Time for its answer, with the wait for a turn; then the request is refused. "
          "--authorize-timeout at most"),
      count<std::size_t>(
          "auth-parallel", [](Config& c) -> std::size_t& { return c.auth_parallel; }, 1, 1'000,
          "Requests to it at a time"),
      count<std::size_t>(
          "auth-queue", [](Config& c) -> std::size_t& { return c.auth_queue; }, 1, 1'000'000,
          "Requests that wait for one of these; beyond, they are refused. --max-authorizing counts "
          "all"),
      count<std::size_t>(
          "auth-cache", [](Config& c) -> std::size_t& { return c.auth_cache; }, 0, 1'000'000,
          "Answers that are used again for as long as their Cache-Control: max-age says, by each "
          "loop"),
  };
}

}  // namespace framewire::cli
