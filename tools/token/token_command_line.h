// The words of `framewire token keygen`, `sign`, `verify` and `link`. Thread: one.
#pragma once
#include <CLI/CLI.hpp>
#include <memory>
#include <vector>

#include "tools/base/option_values.h"
#include "tools/token/token_options.h"

namespace framewire::cli {

class TokenCommandLine {
 public:
  // Adds the command to the program.
  explicit TokenCommandLine(CLI::App& app);
  ~TokenCommandLine();

  // `token`, or the one of its commands that was asked for; else null.
  CLI::App* parsed() const;
  // Its options. Not for `token` alone.
  Parsed<TokenCommand> resolve() const;

 private:
  struct Words;
  CLI::App& add(const char* name, const char* about, const char* footer);
  Parsed<TokenCommand> keygen() const;
  Parsed<TokenCommand> sign() const;
  Parsed<TokenCommand> verify() const;
  Parsed<TokenCommand> link() const;

  std::unique_ptr<Words> words_;
  CLI::App& token_;
  std::vector<CLI::App*> commands_;
};

}  // namespace framewire::cli
