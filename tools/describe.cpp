#include "tools/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
#include <utility>

#include "tools/serving/serve_options.h"

namespace framewire::cli {
namespace {

using Kind = OptionRow::Kind;

constexpr std::size_t kConfigWidth = 100;

constexpr std::string_view kConfigHead =
    "# What `framewire serve` is told: one option a line. As they stand here, behind a #, all are "
    "as "
    "if\n"
    "# they were not said; take the # away to set one. `framewire serve --help` explains the "
    "units. "
    "A\n"
    "# variable (FRAMEWIRE_MAX_LAG for max-lag) goes before this file.\n"
    "#\n"
    "# To be seen from other machines: listen = \"0.0.0.0:8080\" and a publish-key.\n";

// What stands for an option that has no default: something that its row takes.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kExamples = {{
    {"ADDRESS", "127.0.0.1"},
    {"DIR", "/var/lib/framewire"},
    {"FILE", "/etc/framewire/file.pem"},
    {"HOST:PORT", "127.0.0.1:9090"},
    {"NAME=HOST:PORT", "cam=127.0.0.1:9001"},
    {"KEY", "a-long-secret"},
    {"NAME", "cam.example.org"},
    {"NAME=URL", "cam=rtmp://example.com/live/key"},
    {"URL", "https://example.com/framewire"},
    {"ORIGIN", "https://example.com"},
    {"SERVERS", "nats://127.0.0.1:4222"},
    {"STREAM", "all"},
}};

std::string_view example_of(const OptionRow& row) {
  if (!row.default_text.empty()) return row.default_text;
  for (const auto& [shape, example] : kExamples)
    if (row.shape == shape) return example;
  return row.shape;
}

std::string as_toml(const OptionRow& row) {
  if (row.kind == Kind::toggle) return "true";
  const std::string_view text = example_of(row);
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(),
                                                   [](char c) { return c >= '0' && c <= '9'; });
  const std::string value = digits ? std::string{text} : fmt::format("\"{}\"", text);
  return row.kind == Kind::list ? fmt::format("[{}]", value) : value;
}

// Lines of at most `width`, each behind "# ".
std::string commented(std::string_view text, std::size_t width) {
  std::string out;
  while (!text.empty()) {
    std::size_t end = text.size();
    if (end + 2 > width) {
      end = text.rfind(' ', width - 2);
      if (end == std::string_view::npos) end = std::min(text.find(' '), text.size());
    }
    out += fmt::format("# {}\n", text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// Text for roff: no line is taken for a request, no character for an escape.
std::string roff(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool line_start = i == 0 || text[i - 1] == '\n';
    if (line_start && (text[i] == '.' || text[i] == '\'')) out += "\\&";
    if (text[i] == '\\') {
      out += "\\e";
    } else if (text[i] == '-') {
      out += "\\-";
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string upper(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return out;
}

std::string serve_in_man() {
  std::string out;
  std::string_view group;
  for (const OptionRow& row : serve_option_rows()) {
    if (row.group != group) out += fmt::format(".SS {}\n", roff(group = row.group));
    out += fmt::format(".TP\n\\fB{}\\fR", roff("--" + row.name));
    if (!row.shape.empty()) out += fmt::format(" \\fI{}\\fR", roff(row.shape));
    out += fmt::format("\n{}.", roff(row.help));
    if (!row.default_text.empty()) out += fmt::format(" Default: {}.", roff(row.default_text));
    out += "\n";
  }
  return out;
}

// Text for a cell of a Markdown table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '*' || c == '<') out += '\\';
    out += c;
  }
  return out;
}

// The --names that a help text lists.
std::set<std::string> flags_in(std::string_view help) {
  std::set<std::string> flags;
  while (!help.empty()) {
    const std::size_t end = std::min(help.find('\n'), help.size());
    std::string_view line = help.substr(0, end);
    help.remove_prefix(std::min(end + 1, help.size()));
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (!line.starts_with('-')) continue;
    for (std::string_view words = line.substr(0, line.find("  "));;) {
      const std::size_t at = words.find("--");
      if (at == std::string_view::npos) break;
      words.remove_prefix(at);
      const std::size_t length =
          std::min(words.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), words.size());
      if (length > 2) flags.emplace(words.substr(0, length));
      words.remove_prefix(length);
    }
  }
  return flags;
}

std::set<std::string> flags_of(const CommandHelp& command) {
  std::set<std::string> flags = flags_in(command.text);
  if (command.name == "serve")
    for (const OptionRow& row : serve_option_rows()) flags.insert("--" + row.name);
  return flags;
}

}  // namespace

std::string describe_config() {
  std::string out{kConfigHead};
  std::string_view group;
  for (const OptionRow& row : serve_option_rows()) {
    if (row.group != group) out += fmt::format("\n# ==== {} ====\n", group = row.group);
    out += fmt::format("\n{}#{} = {}\n", commented(row.help, kConfigWidth), row.name, as_toml(row));
  }
  return out;
}

std::string describe_man(std::string_view version, const std::vector<CommandHelp>& commands) {
  std::string out = fmt::format(
      ".TH FRAMEWIRE 1 \"\" \"framewire {}\" \"User Commands\"\n"
      ".SH NAME\nframewire \\- live video over WebSockets\n"
      ".SH SYNOPSIS\n.B framewire\n\\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n"
      ".SH DESCRIPTION\n"
      "Takes live video from a browser, ffmpeg or curl and hands it to any number of viewers, in "
      "browsers without a plug\\-in. \\fBframewire serve\\fR is the server; it listens on "
      "127.0.0.1:8080 until it is told otherwise.\n"
      ".SH COMMANDS\n",
      roff(version));
  for (const CommandHelp& command : commands)
    out += fmt::format(".TP\n\\fB{}\\fR\n{}.\n", roff(command.name), roff(command.about));
  out +=
      ".SH OPTIONS OF SERVE\n"
      "Each is also a variable (\\-\\-max\\-lag is FRAMEWIRE_MAX_LAG) and a line of the file that "
      "\\fB\\-\\-config\\fR names. A flag goes before a variable, a variable before the file.\n";
  out += serve_in_man();
  for (const CommandHelp& command : commands) {
    if (command.name == "serve") continue;
    out += fmt::format(".SH FRAMEWIRE {}\n.nf\n{}\n.fi\n", upper(command.name), roff(command.text));
  }
  out +=
      ".SH FILES\n"
      ".TP\n/etc/framewire/framewire.toml\nWhat the service of the package reads.\n"
      ".TP\n/var/lib/framewire\nWhere it may write.\n"
      ".SH SIGNALS\n"
      "HUP, which \\fBframewire reload\\fR sends, reads options and certificates anew; nobody is "
      "disconnected. TERM and INT close all connections in good order and end the server; a second "
      "one ends it "
      "at once.\n";
  return out;
}

std::string describe_options() {
  std::string out;
  std::string_view group;
  for (const OptionRow& row : serve_option_rows()) {
    if (row.group != group)
      out += fmt::format("{}### {}\n\n| option | default | |\n|---|---|---|\n",
                         out.empty() ? "" : "\n", group = row.group);
    const std::string usage = row.shape.empty() ? row.name : row.name + " " + row.shape;
    const std::string usual = row.default_text.empty() ? "" : fmt::format("`{}`", row.default_text);
    out += fmt::format("| `--{}` | {} | {} |\n", usage, usual, cell(row.help));
  }
  return out;
}

std::string describe_completion(const std::vector<CommandHelp>& commands) {
  std::string names = "--help --version";
  std::vector<std::pair<std::string, std::set<std::string>>> words;  // by the first of a command
  for (const CommandHelp& command : commands) {
    std::set<std::string> flags = flags_of(command);
    if (const std::size_t blank = command.name.find(' '); blank != std::string::npos) {
      flags.insert(command.name.substr(blank + 1));  // "token sign", which follows "token"
      words.back().second.merge(flags);
      continue;
    }
    names += " " + command.name;
    words.emplace_back(command.name, std::move(flags));
  }
  std::string cases;
  for (const auto& [name, some] : words)
    cases += fmt::format("    {}) words=\"{}\" ;;\n", name, fmt::join(some, " "));
  return fmt::format(
      "# bash completion for framewire; files are completed where no word fits.\n"
      "_framewire() {{\n"
      "  local words=\n"
      "  COMPREPLY=()\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    words=\"{}\"\n"
      "  else case ${{COMP_WORDS[1]}} in\n{}  esac; fi\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"${{COMP_WORDS[COMP_CWORD]}}\")\n"
      "}}\n"
      "complete -o default -F _framewire framewire\n",
      names, cases);
}

std::optional<std::string> describe(std::string_view what, std::string_view version,
                                    const std::vector<CommandHelp>& commands) {
  if (what == "config") return describe_config();
  if (what == "man") return describe_man(version, commands);
  if (what == "completion") return describe_completion(commands);
  if (what == "options") return describe_options();
  return std::nullopt;
}

}  // namespace framewire::cli
