#include "tools/serving/serve_event_rows.h"

#include "relay/fetch/http_get.h"
#include "tools/serving/option_row_kinds.h"

namespace framewire::cli {
namespace {

using relay::Config;
using std::chrono::milliseconds;
using namespace std::chrono_literals;
using Kind = OptionRow::Kind;

OptionRow webhook_row() {
  return {
      "webhook",
      "URL",
      {},
      "POST events there, signed by --webhook-secret-file: https, or http of this machine. What "
      "is not taken is kept on the disk and tried again for an hour",
      {},
      Kind::value,
      [](ServeSettings& to, Texts texts) -> Parsed<void> {
        if (auto why = relay::why_not_fetched(texts[0]); !why.empty())
          return tl::make_unexpected(std::move(why));
        to.config.webhook = texts[0];
        return {};
      }};
}

OptionRow state_dir_row() {
  return {
      "state-dir",
      "DIR",
      {},
      "Where what must outlive this process is kept (events that wait for --webhook, bans "
      "made by the API); without it $STATE_DIRECTORY, or, for events, framewire in $XDG_STATE_HOME",
      {},
      Kind::value,
      [](ServeSettings& to, Texts texts) -> Parsed<void> {
        if (texts[0].empty()) return tl::make_unexpected("a folder is missing");
        to.config.state_dir = texts[0];
        return {};
      }};
}

}  // namespace

std::vector<OptionRow> event_rows() {
  return {
      toggle(
          "viewer-events", [](Config& c) -> bool& { return c.viewer_events; },
          "Events tell of each viewer that comes and goes, with its address"),
      count<std::size_t>(
          "event-history", [](Config& c) -> std::size_t& { return c.event_history; }, 1, 1'000'000,
          "Events kept in memory for those who follow and come back (Last-Event-ID)"),
      count<std::size_t>(
          "max-event-streams", [](Config& c) -> std::size_t& { return c.max_event_streams; }, 1,
          10'000, "Who may follow events at a time"),
      fixed(webhook_row()),
      fixed(file(
          "webhook-secret-file", [](Config& c) -> std::string& { return c.webhook_secret_file; },
          "A file with the secret that events are signed by, at least 16 bytes")),
      fixed(size(
          "webhook-queue", [](Config& c) -> std::size_t& { return c.webhook_queue_bytes; },
          64 * kKiB, 16 * kGiB,
          "Events that wait for the webhook, on the disk; beyond, the oldest are given up")),
      fixed(duration(
          "webhook-timeout", [](Config& c) -> milliseconds& { return c.webhook_timeout; }, 1s, 1min,
          "How long one try may take")),
      fixed(duration(
          "webhook-give-up", [](Config& c) -> milliseconds& { return c.webhook_give_up; }, 1s, 168h,
          "How long an event is tried again, from the first try on")),
      fixed(state_dir_row()),
  };
}

}  // namespace framewire::cli
