// The options of `framewire serve`: one table of rows, from which come the flags, the FRAMEWIRE_*
// variables, the names in the --config file, the help with its defaults, and relay::Config.
//
// Precedence: flag, environment, file, default; the first that says something about an option
// decides it whole (lists are not joined). `--max-lag 2s` = `FRAMEWIRE_MAX_LAG=2s` = `max-lag =
// "2s"`; an empty variable counts as unset; a list in a variable is separated by commas.
//
// Errors: one sentence that names the source as the operator wrote it (--max-lag,
// FRAMEWIRE_MAX_LAG, fw.toml:3: max-lag); the value of a key is never part of it. Thread: one.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "relay/base/config.h"
#include "relay/server/config_desk.h"
#include "tools/base/option_values.h"

namespace framewire::cli {

struct ServeSettings {
  relay::Config config;
  std::string log_level = "info";
  std::string log_format = "text";                       // or json
  std::map<std::string, std::vector<std::string>> said;  // option to texts: what is no default
};

struct OptionRow {
  enum class Kind { value, list, toggle };  // once; repeatable; without a value
  // By a reload, while the server runs: in any way; its value, but not whether there is one; no.
  enum class Change { any, of_value, none };
  std::string name;   // as in --name
  std::string shape;  // HOST:PORT, what help shows behind the name
  std::string group;
  std::string help;
  std::string default_text;  // "" = none to show
  Kind kind = Kind::value;
  // Checks and stores. Exactly one text but for lists.
  std::function<Parsed<void>(ServeSettings&, std::span<const std::string>)> set;
  Change change = Change::any;

  std::string environment_name() const;  // FRAMEWIRE_MAX_LAG
};

// Every option, in the order of the help.
const std::vector<OptionRow>& serve_option_rows();

// What was said on the command line: name (without --) to values.
using Flags = std::map<std::string, std::vector<std::string>>;
// std::getenv, or a test's own.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// A sentence for each FRAMEWIRE_* variable that no option has, without its value; `variables`: as
// environ, NAME=VALUE, ended by null.
std::vector<std::string> strange_variables(const char* const* variables);

// All four sources together, each value and then the whole checked; reads the file if one is named.
Parsed<ServeSettings> resolve_serve_settings(const Flags& flags, const Environment& environment);

// The options that the API may change (relay/server/config_desk.h): values of limits and of how
// streams behave, never who may do what.
bool changes_by_api(const OptionRow& row);
// Their values now, by name.
relay::OptionTexts settings_by_api(const ServeSettings& settings);
// settings with these changed; each, and then the whole, is checked. Errors name the option.
Parsed<ServeSettings> change_settings(ServeSettings settings, const relay::OptionTexts& options);

// What a reload makes of a running server's settings.
struct Reread {
  ServeSettings settings;            // what cannot change is as it was at the start
  std::vector<std::string> changed;  // names of options
  std::vector<std::string> kept;     // said anew as well, but OptionRow::change is against it
};
// The sources must make a server that would start, and so must what comes of them beside what
// cannot change: a server that listens on a public address does not lose its last key by it.
Parsed<Reread> reread_serve_settings(const Flags& flags, const Environment& environment,
                                     const ServeSettings& running);

}  // namespace framewire::cli
