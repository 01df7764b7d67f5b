// framewire publish: the parts of a file, each at its time, by the way that gets through.
#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "tools/media/publication.h"

namespace framewire::cli {

int publish_command(const PublishOptions& options) {
  auto source = MediaSource::open(options.file, options.fps);
  if (!source) {
    fmt::print(stderr, "framewire: {}\n", source.error().what);
    const bool there = options.file == "-" || std::filesystem::exists(options.file);
    return there ? kExitFailed : kExitNotFound;
  }
  const Interrupt interrupt;
  Publication publication{options, *std::move(source)};
  if (options.transport != Transport::posts)
    if (const auto code = publication.by_body()) return *code;
  return publication.by_posts();
}

}  // namespace framewire::cli
