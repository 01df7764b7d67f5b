// The --config file: the part of TOML that options need. One `name = value` a line, in an optional
// [serve] section; a value is a "string", a 'string', a bare word (10s, true, 8080) or an array of
// those, which may span lines; # begins a comment outside quotes.
//
//   listen = "0.0.0.0:443"          # or listen = 443
//   publish-key = ["first", "second"]
//
// Read by us: CLI11 2.1's reader cuts a quoted value at its '#' and passes over what it cannot
// read; for a file with keys in it, a line is either understood or refused. Errors: one sentence
// with the file's name and line, never with a value.  Thread: any.
#pragma once
#include <istream>
#include <map>
#include <string>
#include <vector>

#include "tools/base/option_values.h"

namespace framewire::cli {

struct FileEntry {
  std::vector<std::string> values;
  int line = 0;
};
using FileEntries = std::map<std::string, FileEntry>;

Parsed<FileEntries> read_option_file(const std::string& path);
Parsed<FileEntries> parse_option_file(std::istream& input, const std::string& shown_name);

}  // namespace framewire::cli
