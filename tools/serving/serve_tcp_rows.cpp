#include "tools/serving/serve_tcp_rows.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

namespace framewire::cli {
namespace {

using relay::TcpPoint;
using Kind = OptionRow::Kind;
using Texts = std::span<const std::string>;

OptionRow tcp_row(TcpPoint::Use use, const char* value, const char* help) {
  return {"tcp-" + std::string(to_string(use)),
          value,
          {},
          help,
          {},
          Kind::list,
          [use](ServeSettings& to, Texts texts) -> Parsed<void> {
            auto& points = to.config.tcp_points;
            std::erase_if(points, [use](const TcpPoint& point) { return point.use == use; });
            for (const std::string& text : texts) {
              auto point = relay::parse_tcp_point(use, text);
              if (!point) return tl::make_unexpected(point.error().what);
              points.push_back(*std::move(point));
            }
            return {};
          },
          OptionRow::Change::none};
}

}  // namespace

std::vector<OptionRow> tcp_rows() {
  return {
      tcp_row(TcpPoint::Use::publish, "NAME=HOST:PORT",
              "Whoever connects to this TCP port publishes this stream: ffmpeg -f mpegts "
              "tcp://HOST:PORT. No key is asked for there. Repeatable"),
      tcp_row(TcpPoint::Use::watch, "NAME=HOST:PORT",
              "Whoever connects gets this stream, or a rendition of it (cam.ts). Repeatable"),
      tcp_row(TcpPoint::Use::chat, "NAME=HOST:PORT",
              "Lines of text that one client sends go to all, behind its number, and into the "
              "stream's side channel. Repeatable"),
      {"max-tcp",
       "COUNT",
       {},
       "Connections to each of these ports",
       std::to_string(ServeSettings{}.config.max_tcp),
       Kind::value,
       [](ServeSettings& to, Texts texts) -> Parsed<void> {
         auto count = parse_count(texts[0]);
         if (!count || *count < 1 || *count > 100'000)
           return tl::make_unexpected("\"" + texts[0] + "\" is no number from 1 to 100000");
         to.config.max_tcp = static_cast<std::size_t>(*count);
         return {};
       }},
  };
}

}  // namespace framewire::cli
