// Plain TCP ports of single streams (--tcp-publish, --tcp-watch, --tcp-chat): what stands between
// an address and a stream. PROTOCOL.md, "Plain TCP". Thread: any; values. Errors: a sentence for
// the operator.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "ingest/base/error.h"

namespace framewire::relay {

struct TcpPoint {
  enum class Use : std::uint8_t { publish, watch, chat } use = Use::publish;
  std::string name;  // of a stream; watch: with the rendition's extension, as in /live/{name}
  std::string host;
  std::uint16_t port = 0;  // 0 = any free one
};

// "cam=127.0.0.1:9001", "cam.ts=[::1]:9002"; a port alone is one of 127.0.0.1.
Result<TcpPoint> parse_tcp_point(TcpPoint::Use use, std::string_view text);
std::string_view to_string(TcpPoint::Use use);  // "publish", ...

}  // namespace framewire::relay
