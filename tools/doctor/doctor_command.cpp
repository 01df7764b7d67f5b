#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "tools/base/exit_codes.h"
#include "tools/doctor/doctor.h"

namespace framewire::cli {
namespace {

constexpr std::string_view kGrades[] = {"ok", "warning", "wrong"};

// Where a server with these settings is found from this machine.
std::string origin_of(const relay::Config& config) {
  const bool tls = config.tls_self_signed || !config.tls_cert.empty();
  const std::string host = !is_wildcard(config.host)                    ? config.host
                           : config.host.find(':') == std::string::npos ? "127.0.0.1"
                                                                        : "::1";
  return fmt::format("{}://{}", tls ? "https" : "http", format_address({host, config.port}));
}

// Scheme and host of what was typed; "" = neither.
std::string origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  std::string_view name = url.substr(0, scheme), rest = url.substr(scheme + 3);
  if (name == "ws") name = "http";
  if (name == "wss") name = "https";
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if ((name != "http" && name != "https") || rest.empty() || rest.find('@') != rest.npos) return {};
  return fmt::format("{}://{}", name, rest);
}

}  // namespace

int doctor_command(const DoctorOptions& options, const Environment& environment) {
  Findings findings;
  std::string origin = origin_of(options.url);
  if (!options.url.empty() && origin.empty()) {
    fmt::print(stderr, "framewire: the URL is http:// or https:// and a host\n");
    return kExitUsage;
  }
  HttpAccess access = options.access;
  const bool configured = !options.config.empty() || environment("FRAMEWIRE_CONFIG").has_value();
  // A server elsewhere has another machine; with a file of its options it is meant to be here.
  if (origin.empty() || configured) {
    Flags flags;
    if (!options.config.empty()) flags["config"] = {options.config};
    const auto settings = resolve_serve_settings(flags, environment);
    if (settings) {
      if (configured) findings.push_back({Grade::ok, "options: can be read"});
      examine_machine(settings->config, findings);
      if (origin.empty()) origin = origin_of(settings->config);
      access.insecure = access.insecure || settings->config.tls_self_signed;
    } else {
      findings.push_back({Grade::wrong, "options: " + settings.error(), "mend it there"});
    }
  }
  if (!origin.empty()) examine_server(origin, access, findings);
  std::size_t counts[3] = {};
  for (const Finding& finding : findings) {
    const auto grade = static_cast<std::size_t>(finding.grade);
    ++counts[grade];
    fmt::print("{:<8} {}{}{}\n", kGrades[grade], finding.what, finding.to_do.empty() ? "" : ": ",
               finding.to_do);
  }
  fmt::print("{} ok, {} to think about, {} wrong\n", counts[0], counts[1], counts[2]);
  return counts[2] == 0 ? kExitDone : kExitFailed;
}

}  // namespace framewire::cli
