#include "tools/render/page_url.h"

#include <fmt/format.h>
#include <strings.h>

#include <array>
#include <filesystem>

#include "codec/render.h"
#include "tools/render/film_writer.h"

namespace framewire::cli {
namespace {

constexpr std::array<std::string_view, 4> kPageSchemes = {"http://", "https://", "file://",
                                                          "data:"};

// RFC 3986, section 3.3: what stands in a path as it is.
bool stands_in_path(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view{"-._~/!$&'()*+,;=:@"}.find(c) != std::string_view::npos;
}

}  // namespace

Rendered<std::string> url_of_page(const std::string& page) {
  for (const std::string_view scheme : kPageSchemes)
    if (strncasecmp(page.c_str(), scheme.data(), scheme.size()) == 0)
      return std::string{scheme} + page.substr(scheme.size());
  std::error_code error;
  const auto path = std::filesystem::canonical(page, error);
  if (error) return no_film(fmt::format("{}: {}", page, error.message()), kExitNotFound);
  if (std::filesystem::is_directory(path, error))
    return no_film(fmt::format("{}: it is a folder, and no page", page), kExitNotFound);
  std::string url = "file://";
  for (const char c : path.string())
    url +=
        stands_in_path(c) ? std::string{c} : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return url;
}

std::string container_of_film(const std::string& path) {
  std::string extension = std::filesystem::path{path}.extension().string();
  if (!extension.empty()) extension.erase(0, 1);
  return codec::usual_codec(extension, false).empty() ? "" : extension;
}

bool is_of_pictures(const std::string& path) {
  return path.ends_with(".png") && numbered(path, 0).has_value();
}

}  // namespace framewire::cli
