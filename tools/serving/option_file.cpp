#include "tools/serving/option_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

namespace framewire::cli {
namespace {

constexpr std::string_view kBlank = " \t\r";
constexpr std::string_view kWordEnd = " \t\r\n#,[]\"'=";

// A cursor over the whole text that knows its line.
class Reader {
 public:
  explicit Reader(std::string text) : text_(std::move(text)) {}

  bool at_end() const { return at_ == text_.size(); }
  int line() const { return line_; }

  void skip_blanks() {
    while (!at_end() && kBlank.find(text_[at_]) != std::string_view::npos) ++at_;
  }
  // Blanks, comments and line ends.
  void skip_lines() {
    for (;;) {
      skip_blanks();
      if (!at_end() && text_[at_] == '#') at_ = std::min(text_.find('\n', at_), text_.size());
      if (!take('\n')) return;
      ++line_;
    }
  }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // Nothing more on this line but a comment.
  bool at_line_end() {
    skip_blanks();
    return at_end() || text_[at_] == '#' || text_[at_] == '\n';
  }
  std::string word() {
    const std::size_t end = std::min(text_.find_first_of(kWordEnd, at_), text_.size());
    const std::size_t start = std::exchange(at_, end);
    return text_.substr(start, end - start);
  }
  // What stands between the quote that was taken and the next one on this line.
  std::optional<std::string> quoted(char quote) {
    std::string out;
    while (!at_end() && text_[at_] != '\n') {
      char c = text_[at_++];
      if (c == quote) return out;
      if (c == '\\' && quote == '"') {
        if (!take('"') && !take('\\')) return std::nullopt;
        c = text_[at_ - 1];
      }
      out += c;
    }
    return std::nullopt;
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

Parsed<std::string> read_value(Reader& in) {
  for (const char quote : {'"', '\''}) {
    if (!in.take(quote)) continue;
    if (auto text = in.quoted(quote)) return *text;
    return tl::make_unexpected(
        "a string without its closing quote, or an escape but \\\" and \\\\");
  }
  std::string word = in.word();
  if (word.empty()) return tl::make_unexpected("a value is missing");
  return word;
}

Parsed<std::vector<std::string>> read_values(Reader& in) {
  std::vector<std::string> values;
  if (!in.take('[')) {
    auto value = read_value(in);
    if (!value) return tl::make_unexpected(value.error());
    values.push_back(*std::move(value));
    return values;
  }
  for (in.skip_lines(); !in.take(']'); in.skip_lines()) {
    auto value = read_value(in);
    if (!value) return tl::make_unexpected(value.error());
    values.push_back(*std::move(value));
    in.skip_lines();
    if (in.take(',')) continue;
    if (in.take(']')) return values;
    return tl::make_unexpected("a , or the closing ] of an array is missing");
  }
  return values;
}

Parsed<void> read_line(Reader& in, FileEntries& entries) {
  const int line = in.line();
  if (in.take('[')) {
    in.skip_blanks();
    const std::string section = in.word();
    in.skip_blanks();
    if (section != "serve" || !in.take(']'))
      return tl::make_unexpected("only [serve] is a section");
  } else {
    const std::string name = in.word();
    in.skip_blanks();
    if (name.empty() || !in.take('=')) return tl::make_unexpected("`name = value` expected");
    in.skip_blanks();
    auto values = read_values(in);
    if (!values) return tl::make_unexpected(name + ": " + values.error());
    if (!entries.emplace(name, FileEntry{*std::move(values), line}).second) {
      return tl::make_unexpected(name + " is set twice");
    }
  }
  if (!in.at_line_end())
    return tl::make_unexpected("something follows the value (quotes missing?)");
  return {};
}

}  // namespace

Parsed<FileEntries> parse_option_file(std::istream& input, const std::string& shown_name) {
  std::ostringstream text;
  text << input.rdbuf();
  Reader in(std::move(text).str());
  FileEntries entries;
  for (in.skip_lines(); !in.at_end(); in.skip_lines()) {
    if (auto read = read_line(in, entries); !read) {
      return tl::make_unexpected(fmt::format("{}:{}: {}", shown_name, in.line(), read.error()));
    }
  }
  return entries;
}

Parsed<FileEntries> read_option_file(const std::string& path) {
  errno = 0;
  std::ifstream input(path);
  if (input && input.peek() != std::ifstream::traits_type::eof()) {
    return parse_option_file(input, path);
  }
  if (errno == 0) return FileEntries{};  // it is there, and empty
  return tl::make_unexpected(fmt::format("the configuration file {} cannot be read: {}", path,
                                         std::generic_category().message(errno)));
}

}  // namespace framewire::cli
