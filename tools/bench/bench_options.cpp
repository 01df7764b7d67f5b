#include "tools/bench/bench_options.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <thread>
#include <utility>

namespace framewire::bench {
namespace {

using cli::Parsed;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr std::size_t kMessageMost = 16u << 20;
constexpr std::size_t kSpareFiles = 64;
constexpr const char* kServer = "The server";
constexpr const char* kLoad = "The load";
constexpr const char* kMisfits = "Viewers that don't keep up";
constexpr const char* kRun = "The run";

tl::unexpected<std::string> wrong(std::string what) {
  return tl::make_unexpected(std::move(what));
}

template <class T>
Parsed<void> store(const Parsed<T>& value, T low, T high, T& place) {
  if (!value) return wrong(value.error());
  if (*value < low || *value > high) return wrong("out of its range");
  place = *value;
  return {};
}

template <class T>
Parsed<void> store_count(const std::string& text, std::uint64_t low, std::uint64_t high, T& place) {
  const auto count = cli::parse_count(text);
  if (!count) return wrong(count.error());
  if (*count < low || *count > high) return wrong(fmt::format("not from {} to {}", low, high));
  place = static_cast<T>(*count);
  return {};
}

Parsed<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0))
    return wrong(fmt::format("\"{}\" is no number", text));
  return value;
}

// 10% or 10: a share of all.
Parsed<void> store_percent(std::string_view text, double& place) {
  if (text.ends_with('%')) text.remove_suffix(1);
  const auto percent = parse_number(text);
  if (!percent) return wrong(percent.error());
  if (*percent > 100) return wrong("more than 100 %");
  place = *percent / 100;
  return {};
}

Parsed<void> store_url(std::string_view text, Options& to) {
  constexpr std::pair<std::string_view, bool> kSchemes[] = {
      {"ws://", false}, {"http://", false}, {"wss://", true}, {"https://", true}};
  const auto* scheme = std::find_if(std::begin(kSchemes), std::end(kSchemes),
                                    [&](const auto& s) { return text.starts_with(s.first); });
  if (scheme == std::end(kSchemes)) return wrong("ws://HOST:PORT or wss://HOST:PORT is due");
  text.remove_prefix(scheme->first.size());
  if (text.ends_with('/')) text.remove_suffix(1);
  const auto address = cli::parse_address(text);
  if (!address) return wrong(address.error());
  if (!cli::is_loopback(address->host) || address->port == 0)
    return wrong("only an address of this machine (127.0.0.1, [::1]) is loaded");
  to.tls = scheme->second;
  to.address = *address;
  return {};
}

Parsed<void> store_wire(const std::string& text, Wire& place) {
  constexpr std::pair<std::string_view, Wire> kNames[] = {
      {"bare", Wire::bare}, {"framewire.v1", Wire::v1}, {"http", Wire::http}};
  for (const auto& [name, wire] : kNames) {
    if (text != name) continue;
    place = wire;
    return {};
  }
  return wrong("bare, framewire.v1 or http is due");
}

Parsed<void> store_content(const std::string& text, Content& place) {
  if (text != "binary" && text != "jpeg") return wrong("binary or jpeg is due");
  place = text == "jpeg" ? Content::jpeg : Content::binary;
  return {};
}

unsigned cores() {
  return std::max(1u, std::thread::hardware_concurrency());
}

std::vector<OptionRow> make_rows() {
  return {
      {"url", "URL", kServer, "ws:// or wss://, on this machine", "ws://127.0.0.1:8080",
       [](Options& to, const std::string& text) { return store_url(text, to); }},
      {"server-pid", "PID", kServer, "Its process: tells CPU and memory", "",
       [](Options& to, const std::string& text) {
         return store_count(text, 1, 1u << 30, to.server_pid);
       }},
      {"streams", "COUNT", kLoad, "Streams, each with a publisher", "1",
       [](Options& to, const std::string& text) {
         return store_count(text, 1, 10'000, to.streams);
       }},
      {"viewers", "COUNT", kLoad, "Viewers of each stream", "100",
       [](Options& to, const std::string& text) {
         return store_count(text, 0, 100'000, to.viewers);
       }},
      {"wire", "MODE", kLoad, "How they watch: bare, framewire.v1 or http", "bare",
       [](Options& to, const std::string& text) { return store_wire(text, to.wire); }},
      {"message", "SIZE", kLoad, "Size of a message", "6000",
       [](Options& to, const std::string& text) {
         return store(cli::parse_size(text), kPayloadHeader, kMessageMost,
                      to.pattern.message_bytes);
       }},
      {"keyframe", "SIZE", kLoad, "Size of the first message of each group", "",
       [](Options& to, const std::string& text) {
         return store(cli::parse_size(text), kPayloadHeader, kMessageMost,
                      to.pattern.keyframe_bytes);
       }},
      {"keyframe-every", "COUNT", kLoad, "Messages of a group", "60 with --keyframe",
       [](Options& to, const std::string& text) {
         return store_count(text, 1, 1u << 20, to.pattern.keyframe_every);
       }},
      {"content", "WHAT", kLoad,
       "What messages are: binary, or jpeg (to the server, a picture each)", "binary",
       [](Options& to, const std::string& text) { return store_content(text, to.content); }},
      {"rate", "COUNT", kLoad, "Messages a second of each stream; 0: nobody publishes", "30",
       [](Options& to, const std::string& text) {
         return store(parse_number(text), 0.0, 100'000.0, to.rate);
       }},
      {"closed-loop", "", kLoad, "Send the next as soon as one is acknowledged, instead of --rate",
       "",
       [](Options& to, const std::string&) -> Parsed<void> {
         to.closed_loop = true;
         return {};
       }},
      {"acknowledged", "WHO", kLoad, "Closed loop: received by the slowest viewer, or by the first",
       "slowest",
       [](Options& to, const std::string& text) -> Parsed<void> {
         if (text != "slowest" && text != "first") return wrong("slowest or first is due");
         to.acknowledged = text == "first" ? Acknowledged::by_first : Acknowledged::by_slowest;
         return {};
       }},
      {"window", "COUNT", kLoad, "Closed loop: messages on their way at a time", "4",
       [](Options& to, const std::string& text) {
         return store_count(text, 1, 1u << 20, to.window);
       }},
      {"churn", "COUNT", kLoad, "Viewers a second that connect and leave, besides", "0",
       [](Options& to, const std::string& text) {
         return store(parse_number(text), 0.0, 10'000.0, to.churn);
       }},
      {"slow", "SHARE", kMisfits, "Share of viewers that read slowly, as 10%", "0%",
       [](Options& to, const std::string& text) { return store_percent(text, to.slow_share); }},
      {"slow-rate", "SIZE", kMisfits, "What a slow one reads in a second", "64KiB",
       [](Options& to, const std::string& text) {
         return store(cli::parse_size(text), std::size_t{1024}, std::size_t{1} << 30,
                      to.slow_bytes_per_s);
       }},
      {"stalled", "SHARE", kMisfits, "Share of viewers that stop reading", "0%",
       [](Options& to, const std::string& text) { return store_percent(text, to.stalled_share); }},
      {"stall-after", "SIZE", kMisfits, "What a stalled one reads before", "64KiB",
       [](Options& to, const std::string& text) {
         return store(cli::parse_size(text), std::size_t{0}, std::size_t{1} << 30, to.stall_after);
       }},
      {"receive-buffer", "SIZE", kMisfits, "SO_RCVBUF of slow and stalled viewers", "64KiB",
       [](Options& to, const std::string& text) {
         return store(cli::parse_size(text), std::size_t{1024}, std::size_t{16} << 20,
                      to.slow_receive_buffer);
       }},
      {"seconds", "COUNT", kRun, "How long is measured, at most 300", "10",
       [](Options& to, const std::string& text) -> Parsed<void> {
         double seconds = 0;
         if (auto stored = store(parse_number(text), 0.1, 300.0, seconds); !stored) return stored;
         to.duration = milliseconds{static_cast<std::int64_t>(seconds * 1000)};
         return {};
       }},
      {"warm-up", "TIME", kRun, "Publishing before that, not measured", "1s",
       [](Options& to, const std::string& text) {
         return store(cli::parse_duration(text), milliseconds{0}, milliseconds{30s}, to.warm_up);
       }},
      {"threads", "COUNT", kRun, "Threads of the generator, at most one for each core", "1",
       [](Options& to, const std::string& text) {
         return store_count(text, 1, cores(), to.threads);
       }},
      {"json", "FILE", kRun, "Write the results as JSON; - for stdout, instead of the table", "",
       [](Options& to, const std::string& text) -> Parsed<void> {
         to.json = text;
         return {};
       }},
  };
}

std::size_t descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  return static_cast<std::size_t>(limit.rlim_max);
}

Parsed<void> check_together(Options& options) {
  SizePattern& pattern = options.pattern;
  if (pattern.keyframe_bytes != 0 && pattern.keyframe_every == 0) pattern.keyframe_every = 60;
  if (pattern.keyframe_bytes == 0 && pattern.keyframe_every != 0)
    return wrong("--keyframe-every needs --keyframe");
  const std::size_t least = least_of(options.content);
  if (std::min(pattern.message_bytes,
               pattern.keyframe_bytes ? pattern.keyframe_bytes : pattern.message_bytes) < least)
    return wrong(fmt::format("a message of this --content has {} bytes or more", least));
  if (options.slow_share + options.stalled_share > 1)
    return wrong("--slow and --stalled are more than 100 % together");
  if (options.closed_loop && options.viewers == 0)
    return wrong("--closed-loop needs viewers: they acknowledge");
  const std::size_t files = std::size_t{options.streams} * (options.viewers + 1) +
                            static_cast<std::size_t>(options.churn) + kSpareFiles;
  if (files > descriptor_limit())
    return wrong(fmt::format("{} connections need {} open files, the system allows {} (ulimit -n)",
                             files - kSpareFiles, files, descriptor_limit()));
  return {};
}

}  // namespace

const std::vector<OptionRow>& option_rows() {
  static const std::vector<OptionRow> rows = make_rows();
  return rows;
}

Parsed<Options> resolve_options(const Flags& flags) {
  Options options;
  for (const OptionRow& row : option_rows()) {
    const auto flag = flags.find(row.name);
    if (flag == flags.end()) continue;
    if (auto set = row.set(options, flag->second); !set)
      return wrong(fmt::format("--{}: {}", row.name, set.error()));
  }
  if (auto checked = check_together(options); !checked) return wrong(checked.error());
  return options;
}

}  // namespace framewire::bench
