// The words of `framewire publish`, `watch`, `record`, `remux` and `verify`. Thread: one.
#pragma once
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "tools/media/media_options.h"
#include "tools/serving/serve_options.h"

namespace framewire::cli {

class MediaCommandLine {
 public:
  // Adds the commands to the program.
  explicit MediaCommandLine(CLI::App& app);
  ~MediaCommandLine();

  // The one that was asked for, else null.
  CLI::App* parsed() const;
  // Its options. The key may stand in FRAMEWIRE_TOKEN.
  Parsed<MediaCommand> resolve(const Environment& environment) const;

 private:
  struct Words;
  CLI::App& add(CLI::App& app, const char* name, const char* about, const char* footer);
  void add_remote(CLI::App& command);
  Parsed<Remote> remote(const Environment& environment) const;

  std::unique_ptr<Words> words_;
  std::vector<CLI::App*> commands_;
};

// Runs it: the exit code.
int run_media_command(const MediaCommand& command);

}  // namespace framewire::cli
