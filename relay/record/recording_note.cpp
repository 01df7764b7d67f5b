#include "relay/record/recording_note.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>

#include "relay/record/names.h"

namespace framewire::relay {
namespace {

using nlohmann::json;

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string iso_time(std::int64_t ms) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(ms / 1000)));
}

template <class T>
json or_null(const T& value) {
  return value ? json(*value) : json(nullptr);
}

json side(std::uint32_t pixels) {
  return pixels == 0 ? json(nullptr) : json(pixels);
}

json upload_json(const RecordingInfo& info) {
  const Upload& upload = *info.upload;
  const auto text = [](const std::string& said) {
    return said.empty() ? json(nullptr) : json(said);
  };
  return {{"state", to_string(upload.state)},
          {"bytes", upload.bytes},
          {"of", info.bytes},
          {"tries", upload.tries},
          {"url", text(upload.url)},
          {"error", text(upload.error)}};
}

json info_json(const RecordingInfo& info, bool uploads_too) {
  const FileKind* kind = file_kind_of(info.id);
  const bool done = info.state == RecordingState::done;
  json out{{"id", info.id},
           {"stream", info.stream},
           {"state", to_string(info.state)},
           {"format", kind ? kind->extension : ""},
           {"bytes", info.bytes},
           {"duration_ms", or_null(info.duration_ms)},
           {"width", side(info.width)},
           {"height", side(info.height)},
           {"began", iso_time(info.began_ms)},
           {"url", done ? json("/recordings/" + info.id) : json(nullptr)},
           {"thumbnail",
            done && info.thumbnail ? json("/recordings/" + info.id + ".jpg") : json(nullptr)}};
  if (!info.title.empty()) out["title"] = info.title;
  if (info.frames > 0) out["frames"] = info.frames;
  if (const std::string& wrong = info.error.empty() ? info.incomplete : info.error; !wrong.empty())
    out["error"] = wrong;
  if (uploads_too && info.upload) out["upload"] = upload_json(info);
  return out;
}

template <class T>
void read(const json& note, const char* name, T& to) {
  const auto at = note.find(name);
  if (at == note.end()) return;
  if constexpr (std::is_same_v<T, std::string>) {
    if (at->is_string()) to = at->get<std::string>();
  } else if constexpr (std::is_same_v<T, bool>) {
    if (at->is_boolean()) to = at->get<bool>();
  } else {
    if (at->is_number_integer()) to = at->get<T>();
  }
}

json upload_note(const Upload& upload) {
  json out{{"state", to_string(upload.state)},
           {"tries", upload.tries},
           {"url", upload.url},
           {"error", upload.error},
           {"sent", upload.sent},
           {"confirmed", upload.confirmed},
           {"modified_ns", upload.modified_ns}};
  if (const UploadParts& parts = upload.parts; !parts.id.empty())
    out["parts"] = {{"id", parts.id}, {"bytes", parts.part_bytes}, {"etags", parts.etags}};
  return out;
}

Upload read_upload(const json& note) {
  Upload out;
  std::string state;
  read(note, "state", state);
  for (const UploadState each : {UploadState::done, UploadState::failed})
    if (state == to_string(each)) out.state = each;
  read(note, "tries", out.tries);
  read(note, "url", out.url);
  read(note, "error", out.error);
  read(note, "sent", out.sent);
  read(note, "confirmed", out.confirmed);
  read(note, "modified_ns", out.modified_ns);
  const auto parts = note.find("parts");
  if (parts == note.end() || !parts->is_object()) return out;
  read(*parts, "id", out.parts.id);
  read(*parts, "bytes", out.parts.part_bytes);
  const auto etags = parts->find("etags");
  if (etags == parts->end() || !etags->is_array()) return out;
  for (const json& etag : *etags) {
    if (!etag.is_string()) break;
    out.parts.etags.push_back(etag.get<std::string>());
  }
  return out;
}

}  // namespace

std::string note_text(const RecordingInfo& info) {
  json note{{"stream", info.stream},
            {"began_ms", info.began_ms},
            {"width", info.width},
            {"height", info.height},
            {"thumbnail", info.thumbnail}};
  if (!info.title.empty()) note["title"] = info.title;
  if (info.frames > 0) note["frames"] = info.frames;
  if (info.whole) note["whole"] = true;
  if (info.duration_ms) note["duration_ms"] = *info.duration_ms;
  if (!info.error.empty()) note["error"] = info.error;
  if (!info.incomplete.empty()) note["incomplete"] = info.incomplete;
  if (info.upload) note["upload"] = upload_note(*info.upload);
  return dump(note) + "\n";
}

void read_note(std::string_view text, RecordingInfo& info) {
  const json note = json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!note.is_object()) return;
  read(note, "stream", info.stream);
  read(note, "title", info.title);
  read(note, "began_ms", info.began_ms);
  read(note, "width", info.width);
  read(note, "height", info.height);
  read(note, "thumbnail", info.thumbnail);
  read(note, "error", info.error);
  read(note, "incomplete", info.incomplete);
  read(note, "frames", info.frames);
  read(note, "whole", info.whole);
  std::int64_t duration_ms = -1;
  read(note, "duration_ms", duration_ms);
  if (duration_ms >= 0) info.duration_ms = duration_ms;
  const auto upload = note.find("upload");
  if (upload != note.end() && upload->is_object()) info.upload = read_upload(*upload);
}

std::string recordings_json(std::vector<const RecordingInfo*> recordings, bool uploads_too) {
  const bool more = recordings.size() > kRecordingsListed;
  const auto listed = static_cast<std::ptrdiff_t>(std::min(recordings.size(), kRecordingsListed));
  std::partial_sort(recordings.begin(), recordings.begin() + listed, recordings.end(),
                    [](const RecordingInfo* a, const RecordingInfo* b) {
                      return a->began_ms != b->began_ms ? a->began_ms > b->began_ms : a->id > b->id;
                    });
  recordings.resize(static_cast<std::size_t>(listed));
  json list = json::array();
  for (const RecordingInfo* info : recordings) list.push_back(info_json(*info, uploads_too));
  json out{{"recordings", std::move(list)}};
  if (more) out["more"] = true;
  return dump(out) + "\n";
}

Event begun_event(const RecordingInfo& info) {
  return {"record-start", info.stream, dump({{"id", info.id}})};
}

Event finished_event(const RecordingInfo& info) {
  return {"record-finish", info.stream,
          dump({{"id", info.id},
                {"url", "/recordings/" + info.id},
                {"bytes", info.bytes},
                {"duration_ms", or_null(info.duration_ms)}})};
}

Event failed_event(const std::string& stream, std::string_view code, std::string_view message) {
  return {"record-failed", stream, dump({{"code", code}, {"message", message}})};
}

Event upload_event(const RecordingInfo& info, bool removed) {
  const Upload& upload = *info.upload;
  json data{{"id", info.id}, {"to", upload.url}, {"bytes", info.bytes}, {"tries", upload.tries}};
  const bool done = upload.state == UploadState::done;
  if (done) data["removed"] = removed;
  if (!upload.error.empty()) data["error"] = upload.error;
  return {done ? "upload-finish" : "upload-failed", info.stream, dump(data)};
}

std::string recorded_message(const RecordingInfo& info) {
  return dump({{"type", "recorded"},
               {"url", "/recordings/" + info.id},
               {"bytes", info.bytes},
               {"duration_ms", or_null(info.duration_ms)}});
}

Expired expired(const std::vector<RecordingInfo>& recordings, const Retention& retention,
                std::int64_t now_ms) {
  std::vector<const RecordingInfo*> done;
  std::uint64_t total = 0;
  for (const RecordingInfo& info : recordings) {
    total += info.bytes;
    if (info.state == RecordingState::done || info.state == RecordingState::broken)
      done.push_back(&info);
  }
  const auto is_owed = [](const RecordingInfo* info) {
    return info->upload && (info->upload->state == UploadState::waiting ||
                            info->upload->state == UploadState::sending);
  };
  std::sort(done.begin(), done.end(), [&](const RecordingInfo* a, const RecordingInfo* b) {
    if (is_owed(a) != is_owed(b)) return is_owed(b);
    return a->began_ms != b->began_ms ? a->began_ms < b->began_ms : a->id < b->id;
  });
  Expired out;
  for (const RecordingInfo* info : done) {
    // Its age is that of its last picture, so a long recording is not gone as soon as it ends.
    const std::int64_t ended_ms = info->began_ms + info->duration_ms.value_or(0);
    if (!is_owed(info) && retention.keep_ms > 0 && now_ms - ended_ms > retention.keep_ms)
      out.by_age.push_back(info->id);
    else if (retention.max_bytes > 0 && total > retention.max_bytes)
      out.by_size.push_back(info->id);
    else
      continue;
    total -= info->bytes;
  }
  return out;
}

}  // namespace framewire::relay
