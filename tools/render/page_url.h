// What is typed as the page, and as the film. Thread: any.
#pragma once
#include <string>
#include <string_view>

#include "tools/render/render_options.h"

namespace framewire::cli {

// A URL as it is; a file as file:// with its whole path. kExitNotFound: there is no such file.
Rendered<std::string> url_of_page(const std::string& page);

// "mp4" of film.mp4; "" of pictures, and of what no film is called.
std::string container_of_film(const std::string& path);
// frames/%05d.png
bool is_of_pictures(const std::string& path);

}  // namespace framewire::cli
