// The web files as the linker placed them: the generated table behind assets.h.
#pragma once
#include <span>
#include <string_view>

namespace framewire::web {

struct EmbeddedFile {
  std::string_view path;  // of the URL, with its leading slash
  const char* begin;
  const char* end;
};

std::span<const EmbeddedFile> embedded_files();

}  // namespace framewire::web
