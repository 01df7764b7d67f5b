#include "tools/bench/bench_report.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

namespace framewire::bench {
namespace {

using Json = nlohmann::json;

constexpr double kGB = 1e9, kMillion = 1e6, kMs = 1e6;
constexpr double kIdleShare = 0.7;  // of a core: below, there was time to spare

std::optional<double> ratio(double of, double to) {
  if (!(to > 0)) return std::nullopt;
  return of / to;
}

Json or_null(std::optional<double> value) {
  return value ? Json(*value) : Json(nullptr);
}

double in_ms(std::uint64_t ns) {
  return static_cast<double>(ns) / kMs;
}

Json json_of(const Histogram& times) {
  return {{"count", times.count()},
          {"p50_ms", in_ms(times.percentile(0.5))},
          {"p90_ms", in_ms(times.percentile(0.9))},
          {"p99_ms", in_ms(times.percentile(0.99))},
          {"max_ms", in_ms(times.max())}};
}

std::string text_of(const Histogram& times) {
  return fmt::format("p50 {:.2f}  p90 {:.2f}  p99 {:.2f}  max {:.2f} ms",
                     in_ms(times.percentile(0.5)), in_ms(times.percentile(0.9)),
                     in_ms(times.percentile(0.99)), in_ms(times.max()));
}

// Signed: memory may shrink.
double grown(std::uint64_t from, std::uint64_t to) {
  return static_cast<double>(to) - static_cast<double>(from);
}

struct Derived {
  double gb, gb_per_s, messages_per_s;
  std::optional<double> cpu_per_gb, cpu_per_million, rss_per_viewer, connects_per_s, server_cores;
  double generator_cores;
};

Derived derive(const Options& options, const Results& r) {
  const bool pid = options.server_pid != 0;
  const double gb = static_cast<double>(r.delivered_bytes) / kGB;
  const auto messages = static_cast<double>(r.delivered_messages);
  const auto viewers = static_cast<double>(r.viewers_opened);
  Derived d{gb, gb / r.seconds, messages / r.seconds, {}, {}, {}, {}, {}, 0};
  d.generator_cores = r.generator_cpu_s / r.seconds;
  d.connects_per_s = ratio(viewers, r.connect_seconds);
  if (!pid) return d;
  d.cpu_per_gb = ratio(r.server_cpu_s, gb);
  d.cpu_per_million = ratio(r.server_cpu_s, messages / kMillion);
  d.rss_per_viewer = ratio(grown(r.rss_before, r.rss_connected), viewers);
  d.server_cores = ratio(r.server_cpu_s, r.seconds);
  return d;
}

std::string load_text(const Options& o) {
  std::string text =
      fmt::format("{} stream{} x {} viewers, {}", o.streams, o.streams == 1 ? "" : "s", o.viewers,
                  o.wire == Wire::bare ? "bare"
                  : o.wire == Wire::v1 ? "framewire.v1"
                                       : "HTTP");
  text += o.tls ? " over TLS; " : "; ";
  if (o.closed_loop)
    text += fmt::format("closed loop, {} on their way, acknowledged by the {} viewer", o.window,
                        o.acknowledged == Acknowledged::by_first ? "first" : "slowest");
  else if (o.rate > 0)
    text += fmt::format("{} messages/s", o.rate);
  else
    return text + "idle";
  text += fmt::format(", {} B{}", o.pattern.message_bytes,
                      o.content == Content::jpeg ? " as JPEG" : "");
  if (o.pattern.keyframe_every != 0)
    text += fmt::format(", each {}th {} B", o.pattern.keyframe_every, o.pattern.keyframe_bytes);
  if (o.slow_share > 0)
    text += fmt::format("; {:g} % read {} B/s", o.slow_share * 100, o.slow_bytes_per_s);
  if (o.stalled_share > 0) text += fmt::format("; {:g} % stall", o.stalled_share * 100);
  if (o.churn > 0) text += fmt::format("; {:g} connections/s come and go", o.churn);
  return text;
}

Json load_json(const Options& o) {
  return {{"text", load_text(o)},
          {"streams", o.streams},
          {"viewers_per_stream", o.viewers},
          {"tls", o.tls},
          {"message_bytes", o.pattern.message_bytes},
          {"keyframe_bytes", o.pattern.keyframe_bytes},
          {"keyframe_every", o.pattern.keyframe_every},
          {"rate", o.closed_loop ? Json(nullptr) : Json(o.rate)},
          {"window", o.closed_loop ? Json(o.window) : Json(nullptr)},
          {"generator_threads", o.threads}};
}

}  // namespace

std::string busy_one(const Options& options, const Results& results) {
  const double server = results.server_cpu_s / results.seconds;
  const double generator = results.generator_cpu_s / results.seconds / options.threads;
  if (options.server_pid == 0) return generator > kIdleShare ? "generator" : "unknown";
  if (server < kIdleShare && generator < kIdleShare) return "neither";
  return server >= generator ? "server" : "generator";
}

std::string table_of(const Options& options, const Results& r) {
  const Derived d = derive(options, r);
  std::string out;
  const auto row = [&](std::string_view name, const std::string& text) {
    out += fmt::format("  {:<12} {}\n", name, text);
  };
  out += load_text(options) + "\n";
  row("connected", fmt::format("{} viewers in {:.2f} s ({:.0f}/s), {} refused; {}",
                               r.viewers_opened, r.connect_seconds, d.connects_per_s.value_or(0),
                               r.viewers_failed, text_of(r.connect)));
  row("messages", fmt::format("expected {}, received {}, lost {} (skipped by the server), out of "
                              "order {}",
                              r.expected, r.received, r.lost, r.out_of_order));
  if (r.skips_told != 0) row("", fmt::format("{} skips were announced", r.skips_told));
  if (r.viewers_closed + r.publishers_closed + r.broken != 0)
    row("", fmt::format("the server closed {} viewers and {} publishers; {} sent what it may not",
                        r.viewers_closed, r.publishers_closed, r.broken));
  if (r.misfits != 0)
    row("misfits",
        fmt::format("{} viewers took {} messages, {:.3f} GB; {}", r.misfits, r.misfit_messages,
                    static_cast<double>(r.misfit_bytes) / kGB, text_of(r.misfit_delay)));
  row("delay", text_of(r.delay));
  if (!options.closed_loop && options.rate > 0) row("sent late", text_of(r.late));
  row("delivered", fmt::format("{:.3f} GB in {:.1f} s, {:.3f} GB/s, {:.0f} messages/s", d.gb,
                               r.seconds, d.gb_per_s, d.messages_per_s));
  if (options.churn > 0)
    row("churn",
        fmt::format("{:.0f} connects/s, {} failed; {}", static_cast<double>(r.churned) / r.seconds,
                    r.churn_failed, text_of(r.churn_connect)));
  if (options.server_pid != 0) {
    row("server",
        fmt::format("{:.3f} CPU s, {:.3f} s/GB, {:.3f} s per million messages; connecting "
                    "{:.3f} CPU s",
                    r.server_cpu_s, d.cpu_per_gb.value_or(0), d.cpu_per_million.value_or(0),
                    r.connect_server_cpu_s));
    row("memory",
        fmt::format("RSS {:.1f} MB before, {:.1f} with all connected ({:.1f} KB each), "
                    "{:.1f} at most, {:.1f} after",
                    static_cast<double>(r.rss_before) / 1e6,
                    static_cast<double>(r.rss_connected) / 1e6, d.rss_per_viewer.value_or(0) / 1e3,
                    static_cast<double>(r.rss_most) / 1e6, static_cast<double>(r.rss_after) / 1e6));
  }
  row("kernel",
      fmt::format("TCP buffers of the machine {:.1f} MB before, {:.1f} after",
                  static_cast<double>(r.tcp_before) / 1e6, static_cast<double>(r.tcp_after) / 1e6));
  row("busy", fmt::format("{} (server {:.2f} cores, generator {:.2f} of {}); load average {:.1f}",
                          busy_one(options, r), d.server_cores.value_or(0), d.generator_cores,
                          options.threads, r.load_after));
  for (const std::string& failure : r.failures) row("note", failure);
  return out;
}

std::string json_of(const Options& options, const Results& r) {
  const Derived d = derive(options, r);
  const bool pid = options.server_pid != 0;
  Json json = {
      {"load", load_json(options)},
      {"messages",
       {{"published", r.published},
        {"expected", r.expected},
        {"received", r.received},
        {"lost", r.lost},
        {"out_of_order", r.out_of_order},
        {"skips_told", r.skips_told},
        {"broken", r.broken}}},
      {"viewers",
       {{"opened", r.viewers_opened},
        {"failed", r.viewers_failed},
        {"closed_by_server", r.viewers_closed},
        {"misfits", r.misfits},
        {"misfit_messages", r.misfit_messages},
        {"misfit_bytes", r.misfit_bytes}}},
      {"publishers_closed", r.publishers_closed},
      {"delay", json_of(r.delay)},
      {"misfit_delay", json_of(r.misfit_delay)},
      {"sent_late", json_of(r.late)},
      {"delivered",
       {{"seconds", r.seconds},
        {"messages", r.delivered_messages},
        {"bytes", r.delivered_bytes},
        {"gb_per_s", d.gb_per_s},
        {"messages_per_s", d.messages_per_s}}},
      {"connect",
       {{"seconds", r.connect_seconds},
        {"per_s", or_null(d.connects_per_s)},
        {"times", json_of(r.connect)}}},
      {"churn",
       {{"per_s", static_cast<double>(r.churned) / r.seconds},
        {"failed", r.churn_failed},
        {"times", json_of(r.churn_connect)}}},
      {"generator", {{"cpu_s", r.generator_cpu_s}, {"cores", d.generator_cores}}},
      {"tcp_memory",
       {{"before", r.tcp_before}, {"connected", r.tcp_connected}, {"after", r.tcp_after}}},
      {"busy", busy_one(options, r)},
      {"load_average", {{"before", r.load_before}, {"after", r.load_after}}},
      {"notes", r.failures},
      {"server", nullptr},
  };
  if (pid)
    json["server"] = {{"cpu_s", r.server_cpu_s},
                      {"cores", or_null(d.server_cores)},
                      {"cpu_s_per_gb", or_null(d.cpu_per_gb)},
                      {"cpu_s_per_million_messages", or_null(d.cpu_per_million)},
                      {"connect_cpu_s", r.connect_server_cpu_s},
                      {"rss_before", r.rss_before},
                      {"rss_connected", r.rss_connected},
                      {"rss_most", r.rss_most},
                      {"rss_after", r.rss_after},
                      {"rss_per_viewer", or_null(d.rss_per_viewer)}};
  return json.dump(2) + "\n";
}

}  // namespace framewire::bench
