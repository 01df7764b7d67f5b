// The body of POST /api/v1/render: judged by its schema, and by what the operator allows.
// Pure. Thread: any.
// Errors: bad_text, a sentence that names the member; refused, a page that the server may not open.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "relay/base/config.h"
#include "relay/render/render_info.h"

namespace framewire::relay {

struct RenderWish {
  RenderInfo info;
  std::string url;       // one of these two
  std::string html;      // UTF-8
  std::string props;     // JSON; "" = none
  std::string sound;     // the bytes of a file; "" = none
  std::string sound_of;  // or a recording's id
  // Of `framewire render`, but for its files.
  std::vector<std::string> arguments;
};
Result<RenderWish> read_render_wish(std::string_view body, const Config& config);

}  // namespace framewire::relay
