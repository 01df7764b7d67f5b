// framewire doctor: looks at a server, at what stands in front of it and at the machine, and says
// of each thing whether it is right, and else what to do. Changes nothing, and leaves no stream
// behind. Thread: one. Exit codes: tools/base/exit_codes.h; 1 = something is wrong.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "tools/base/http_transfer.h"
#include "tools/serving/serve_options.h"

namespace framewire::cli {

struct DoctorOptions {
  std::string url;     // "" = the server of this machine
  std::string config;  // its --config file, "" = FRAMEWIRE_CONFIG's, or none
  HttpAccess access;
};

enum class Grade { ok, warning, wrong };
struct Finding {
  Grade grade = Grade::ok;
  std::string what;
  std::string to_do = {};  // "" of what is ok
};
using Findings = std::vector<Finding>;

// Of this machine, for a server with these settings.
void examine_machine(const relay::Config& config, Findings& out);
// Of the server at `origin` ("https://cam.example.org"), by way of all that stands in between.
void examine_server(const std::string& origin, const HttpAccess& access, Findings& out);

int doctor_command(const DoctorOptions& options, const Environment& environment);

}  // namespace framewire::cli
