#include "relay/base/tcp_point.h"

#include <fmt/format.h>

#include <charconv>

#include "codec/outputs.h"
#include "relay/base/stream_name.h"

namespace framewire::relay {
namespace {

bool fits(TcpPoint::Use use, std::string_view name) {
  if (is_stream_name(name)) return true;
  if (use != TcpPoint::Use::watch || !is_stream_name(origin_of(name))) return false;
  return output_of(name) == "webm" || codec::output_named(output_of(name));
}

}  // namespace

std::string_view to_string(TcpPoint::Use use) {
  switch (use) {
    case TcpPoint::Use::publish:
      return "publish";
    case TcpPoint::Use::watch:
      return "watch";
    default:
      return "chat";
  }
}

Result<TcpPoint> parse_tcp_point(TcpPoint::Use use, std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos)
    return fail(Errc::refused, fmt::format("\"{}\" is no NAME=HOST:PORT", text));
  TcpPoint point;
  point.use = use;
  point.name = text.substr(0, equals);
  if (!fits(use, point.name))
    return fail(Errc::refused,
                fmt::format("\"{}\" is no stream's name{}", point.name,
                            use == TcpPoint::Use::watch ? " nor NAME.RENDITION" : ""));
  const std::string_view address = text.substr(equals + 1);
  const std::size_t colon = address.rfind(':');
  std::string_view host = colon == std::string_view::npos ? "127.0.0.1" : address.substr(0, colon);
  const std::string_view port =
      colon == std::string_view::npos ? address : address.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), point.port);
  if (host.empty() || error != std::errc{} || end != port.data() + port.size())
    return fail(Errc::refused, fmt::format("\"{}\" is no HOST:PORT", address));
  point.host = host;
  return point;
}

}  // namespace framewire::relay
