// framewire reload: asks a running `framewire serve` of this machine to read its options anew.
// Thread: one. Exit codes: tools/base/exit_codes.h.
#pragma once
#include <optional>

namespace framewire::cli {

struct ReloadOptions {
  std::optional<int> pid;  // else the only server of this user
};

int reload_command(const ReloadOptions& options);

}  // namespace framewire::cli
