#include "relay/render/render_info.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

namespace framewire::relay {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 5> kStates = {"queued", "running", "done", "failed",
                                                     "cancelled"};

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

template <class T>
json or_null(T value) {
  return value == T{} ? json(nullptr) : json(value);
}

json as_json(const RenderInfo& info) {
  const bool done = info.state == RenderState::done;
  json out{{"id", info.id},
           {"state", to_string(info.state)},
           {"title", info.title},
           {"page", or_null(info.page)},
           {"format", info.format},
           {"asked_ms", info.asked_ms},
           {"begun_ms", or_null(info.begun_ms)},
           {"ended_ms", or_null(info.ended_ms)},
           {"frame", info.frame},
           {"frames", or_null(info.frames)},
           {"fps", or_null(info.fps)},
           {"width", or_null(info.width)},
           {"height", or_null(info.height)},
           {"eta_ms", info.eta_ms ? json(*info.eta_ms) : json(nullptr)},
           {"said", info.said},
           {"error", nullptr},
           {"recording", done ? json(info.recording) : json(nullptr)},
           {"url", done ? json("/recordings/" + info.recording) : json(nullptr)},
           {"bytes", done ? json(info.bytes) : json(nullptr)}};
  if (!info.error_code.empty()) out["error"] = {{"code", info.error_code}, {"message", info.error}};
  return out;
}

// A member that is there and of this kind.
template <class T>
void read(const json& from, const char* name, T& to) {
  const auto at = from.find(name);
  if (at == from.end()) return;
  if constexpr (std::is_same_v<T, std::string>) {
    if (at->is_string()) to = at->get<std::string>();
  } else if constexpr (std::is_floating_point_v<T>) {
    if (at->is_number()) to = at->get<T>();
  } else {
    if (at->is_number_integer() && *at >= 0) to = at->get<T>();
  }
}

}  // namespace

std::string_view to_string(RenderState state) {
  return kStates[static_cast<std::size_t>(state)];
}

void take_progress(std::string_view line, RenderInfo& info) {
  const json said = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!said.is_object()) return;
  std::string type, text;
  read(said, "type", type);
  if (type == "film") {
    read(said, "frames", info.frames);
    read(said, "fps", info.fps);
    read(said, "width", info.width);
    read(said, "height", info.height);
  } else if (type == "progress") {
    read(said, "frame", info.frame);
    std::int64_t eta_ms = 0;
    read(said, "eta_ms", eta_ms);
    info.eta_ms = eta_ms;
  } else if (type == "page") {
    read(said, "text", text);
    if (info.said.size() < kMostSaid) info.said.push_back(std::move(text));
  } else if (type == "done") {
    info.frame = info.frames;
    read(said, "bytes", info.bytes);
  } else if (type == "failed") {
    read(said, "message", info.error);
  }
}

std::string render_json(const RenderInfo& info) {
  return dump(as_json(info)) + "\n";
}

std::optional<RenderInfo> read_render_note(std::string_view text) {
  const json note = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!note.is_object()) return std::nullopt;
  RenderInfo info;
  std::string state;
  read(note, "id", info.id);
  read(note, "state", state);
  const auto* found = std::find(kStates.begin(), kStates.end(), state);
  if (info.id == 0 || found == kStates.end()) return std::nullopt;
  info.state = static_cast<RenderState>(found - kStates.begin());
  read(note, "title", info.title);
  read(note, "page", info.page);
  read(note, "format", info.format);
  read(note, "asked_ms", info.asked_ms);
  read(note, "begun_ms", info.begun_ms);
  read(note, "ended_ms", info.ended_ms);
  read(note, "frame", info.frame);
  read(note, "frames", info.frames);
  read(note, "fps", info.fps);
  read(note, "width", info.width);
  read(note, "height", info.height);
  read(note, "recording", info.recording);
  read(note, "bytes", info.bytes);
  if (const auto said = note.find("said"); said != note.end() && said->is_array())
    for (const json& line : *said)
      if (line.is_string() && info.said.size() < kMostSaid)
        info.said.push_back(line.get<std::string>());
  if (const auto error = note.find("error"); error != note.end() && error->is_object()) {
    read(*error, "code", info.error_code);
    read(*error, "message", info.error);
  }
  return info;
}

Result<RenderQuery> read_render_query(const Request& request) {
  RenderQuery out;
  const auto number = [](const std::string& text, auto& to) {
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), to);
    return wrong == std::errc{} && end == text.data() + text.size();
  };
  if (const auto cursor = request.argument("cursor")) {
    std::uint64_t before = 0;
    if (!number(*cursor, before))
      return fail(Errc::bad_text, "\"cursor\" is none that was given here");
    out.before = before;
  }
  if (const auto limit = request.argument("limit"))
    if (!number(*limit, out.limit) || out.limit == 0 || out.limit > kMostRendersPerPage)
      return fail(Errc::bad_text, fmt::format("\"limit\" is from 1 to {}", kMostRendersPerPage));
  return out;
}

std::string renders_json(const std::vector<const RenderInfo*>& infos, const RenderQuery& query) {
  json list = json::array();
  for (const RenderInfo* info : infos)
    if (list.size() < query.limit) list.push_back(as_json(*info));
  json out = {{"renders", std::move(list)}, {"next", nullptr}};
  if (infos.size() > query.limit) out["next"] = std::to_string(infos[query.limit - 1]->id);
  return dump(out) + "\n";
}

Event render_event(const RenderInfo& info) {
  Event out;
  if (info.state == RenderState::done) {
    out.type = "render-finish";
    out.data = dump({{"id", info.id},
                     {"title", info.title},
                     {"recording", info.recording},
                     {"url", "/recordings/" + info.recording},
                     {"bytes", info.bytes},
                     {"frames", info.frames}});
  } else {
    out.type = "render-failed";
    out.data = dump({{"id", info.id},
                     {"title", info.title},
                     {"code", info.error_code},
                     {"message", info.error}});
  }
  return out;
}

}  // namespace framewire::relay
