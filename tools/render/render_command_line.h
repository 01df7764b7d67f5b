// The words of `framewire render`. Thread: one.
#pragma once
#include <CLI/CLI.hpp>
#include <memory>

#include "tools/base/option_values.h"
#include "tools/render/render_options.h"

namespace framewire::cli {

class RenderCommandLine {
 public:
  // Adds the command to the program.
  explicit RenderCommandLine(CLI::App& app);
  ~RenderCommandLine();

  // Null: it was not asked for.
  CLI::App* parsed() const;
  Parsed<RenderOptions> resolve() const;

 private:
  struct Words;
  std::unique_ptr<Words> words_;
  CLI::App* command_ = nullptr;
};

}  // namespace framewire::cli
