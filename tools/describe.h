// What a package of framewire and docs/ hold besides the program, made from the option rows and
// from the commands' own help, so that it cannot fall behind them. Printed by the hidden command
// `framewire describe WHAT`:
//   config       every option for /etc/framewire/framewire.toml, commented out and explained
//   man          the manual page framewire(1), as roff
//   completion   for bash
//   options      tables of the server's options for docs/options.md
// Thread: any.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace framewire::cli {

// A command as its --help shows it.
struct CommandHelp {
  std::string name;  // "token sign" of a command's own, behind "token"
  std::string about;
  std::string text;  // all of it
};

std::string describe_config();
std::string describe_man(std::string_view version, const std::vector<CommandHelp>& commands);
std::string describe_completion(const std::vector<CommandHelp>& commands);
std::string describe_options();

// The text that `framewire describe WHAT` prints; nothing if `what` is none of them.
std::optional<std::string> describe(std::string_view what, std::string_view version,
                                    const std::vector<CommandHelp>& commands);

}  // namespace framewire::cli
