#include "relay/control/schemas.h"

#include <nlohmann/json.hpp>
#include <string>

#include "ingest/base/assert.h"

namespace framewire::relay {
namespace {

constexpr const char* kShared = R"json({
"Error": {"type": "object", "required": ["error"], "additionalProperties": false, "properties": {
  "error": {"type": "object", "required": ["code", "message"], "additionalProperties": false, "properties": {
    "code": {"type": "string", "description": "for programs: PROTOCOL.md, \"Close codes and errors\""},
    "message": {"type": "string", "description": "for people"}}}}},
"Track": {"type": "object", "required": ["codec"], "properties": {
  "kind": {"type": "string"}, "codec": {"type": "string"},
  "width": {"type": "integer"}, "height": {"type": "integer"},
  "sample_rate": {"type": "number"}, "channels": {"type": "integer"}}},
"Restreaming": {"type": "object", "required": ["to", "state"], "properties": {
  "to": {"type": "string", "description": "scheme, host and port"},
  "state": {"type": "string", "enum": ["connecting", "connected", "waiting"]},
  "error": {"type": "string"}}},
"Stream": {"type": "object", "required": ["name", "state", "title", "viewers", "received_bytes", "started_ms", "tracks"],
 "properties": {
  "name": {"type": "string"}, "title": {"type": "string"},
  "state": {"type": "string", "enum": ["live", "lingering", "waiting"]},
  "format": {"type": "string"}, "mime": {"type": "string"}, "webm_mime": {"type": "string"},
  "width": {"type": "integer"}, "height": {"type": "integer"},
  "tracks": {"type": "array", "items": {"$ref": "#/components/schemas/Track"}},
  "epoch": {"type": "integer"}, "viewers": {"type": "integer"}, "received_bytes": {"type": "integer"},
  "started_ms": {"type": "integer", "description": "milliseconds since 1970"},
  "delay": {"type": "object", "properties": {
    "reports": {"type": "integer"}, "median_ms": {"type": "integer"}, "p95_ms": {"type": "integer"}}},
  "restreams": {"type": "array", "items": {"$ref": "#/components/schemas/Restreaming"}},
  "node": {"type": "string", "description": "in a cluster: the address of the server that has it; absent: this one"},
  "warnings": {"type": "array", "items": {"type": "object", "required": ["code", "message"], "properties": {
    "code": {"type": "string"}, "message": {"type": "string"}}}}}},
"Streams": {"type": "object", "required": ["streams"], "additionalProperties": false, "properties": {
  "streams": {"type": "array", "items": {"$ref": "#/components/schemas/Stream"}}}},
"Recording": {"type": "object", "required": ["id", "stream", "began", "state"], "properties": {
  "id": {"type": "string"}, "stream": {"type": "string"}, "began": {"type": "string"},
  "title": {"type": "string"},
  "state": {"type": "string", "enum": ["recording", "finalising", "done", "broken"]},
  "format": {"type": "string"}, "bytes": {"type": ["integer", "null"]},
  "duration_ms": {"type": ["integer", "null"]}, "width": {"type": ["integer", "null"]},
  "height": {"type": ["integer", "null"]}, "url": {"type": ["string", "null"]},
  "thumbnail": {"type": ["string", "null"]}, "error": {"type": ["string", "null"]},
  "frames": {"type": ["integer", "null"]}, "upload": {"$ref": "#/components/schemas/Upload"}}},
"Upload": {"type": "object", "additionalProperties": false, "required": ["state", "bytes", "of", "tries", "url", "error"],
 "description": "of --upload-url; shown to who may manage", "properties": {
  "state": {"type": "string", "enum": ["waiting", "sending", "done", "failed"]},
  "bytes": {"type": "integer", "description": "sent so far"}, "of": {"type": "integer"}, "tries": {"type": "integer"},
  "url": {"type": ["string", "null"]}, "error": {"type": ["string", "null"]}}},
"Recordings": {"type": "object", "required": ["recordings"], "additionalProperties": false, "properties": {
  "recordings": {"type": "array", "items": {"$ref": "#/components/schemas/Recording"}},
  "more": {"type": "boolean"}}},
"RecordWish": {"type": "object", "required": ["record"], "additionalProperties": false, "properties": {"record": {"type": "boolean"}}},
"Recorded": {"type": "object", "required": ["stream", "record"], "additionalProperties": false, "properties": {
  "stream": {"type": "string"}, "record": {"type": "boolean"}}}
})json";

constexpr const char* kControl = R"json({
"Session": {"type": "object", "additionalProperties": false,
 "required": ["id", "role", "stream", "output", "transport", "address", "identity", "personal", "user_agent", "bytes", "skips",
              "delay_ms", "since_ms", "sender"],
 "properties": {
  "id": {"type": "string", "pattern": "^[0-9]+-[0-9]+$"},
  "role": {"type": "string", "enum": ["publisher", "viewer"]},
  "stream": {"type": "string"},
  "output": {"type": "string", "description": "of a viewer: origin, webm, mp4 ...; \"\" of a publisher"},
  "transport": {"type": "string", "enum": ["framewire.v1", "websocket", "http", "tcp"]},
  "address": {"type": "string"},
  "identity": {"type": "string", "description": "whose key or token it is; never the key itself"},
  "personal": {"type": "boolean", "description": "the identity is somebody's own: a ban of it meets nobody else"},
  "user_agent": {"type": "string"},
  "bytes": {"type": "integer", "minimum": 0, "description": "of media: received, or sent"},
  "skips": {"type": "integer", "minimum": 0},
  "delay_ms": {"type": ["integer", "null"], "description": "from capture to screen, as the viewer reported it last"},
  "since_ms": {"type": "integer", "description": "milliseconds since 1970"},
  "sender": {"type": ["string", "null"], "description": "what the side channel calls it"}}},
"Sessions": {"type": "object", "required": ["sessions", "next"], "additionalProperties": false, "properties": {
  "sessions": {"type": "array", "items": {"$ref": "#/components/schemas/Session"}},
  "next": {"type": ["string", "null"], "description": "the cursor of the next page; null: this is the last"}}},
"StreamChange": {"type": "object", "required": ["title"], "additionalProperties": false, "properties": {
  "title": {"type": "string", "maxLength": 1024}}},
"StreamChanged": {"type": "object", "required": ["stream", "title"], "additionalProperties": false, "properties": {
  "stream": {"type": "string"}, "title": {"type": "string"}}},
"Chat": {"type": "object", "required": ["stream", "slow_ms", "muted", "history"], "additionalProperties": false,
 "properties": {
  "stream": {"type": "string"},
  "slow_ms": {"type": "integer", "minimum": 0, "maximum": 3600000, "description": "0: no slow mode"},
  "muted": {"type": "array", "items": {"type": "string"}},
  "history": {"type": "array", "items": {"type": "object", "required": ["type", "sender", "role", "name", "data", "wall_ms"],
   "properties": {"type": {"type": "string", "enum": ["message"]}, "sender": {"type": "string"},
    "role": {"type": "string", "enum": ["publisher", "viewer"]}, "name": {"type": "string"}, "data": {},
    "wall_ms": {"type": "integer"}}}}}},
"ChatChange": {"type": "object", "additionalProperties": false, "minProperties": 1, "properties": {
  "slow_ms": {"type": "integer", "minimum": 0, "maximum": 3600000},
  "mute": {"type": "array", "maxItems": 100, "items": {"type": "string", "minLength": 1, "maxLength": 64}},
  "unmute": {"type": "array", "maxItems": 100, "items": {"type": "string", "minLength": 1, "maxLength": 64}}}},
"Ban": {"type": "object", "additionalProperties": false, "required": ["id", "until_ms", "reason", "configured"],
 "properties": {
  "id": {"type": "integer"},
  "address": {"type": "string", "description": "an IPv4 address, or an IPv6 network of 64 bits; else there is `identity`"},
  "identity": {"type": "string", "description": "the name of a key, a token, or what --auth-url says"},
  "until_ms": {"type": ["integer", "null"], "description": "milliseconds since 1970, to the second; null: until it is lifted"},
  "reason": {"type": "string", "description": "for who looks at the list; who is banned is not told"},
  "configured": {"type": "boolean", "description": "by --ban: it is lifted by a reload only"}}},
"Bans": {"type": "object", "required": ["bans"], "additionalProperties": false, "properties": {
  "bans": {"type": "array", "items": {"$ref": "#/components/schemas/Ban"}}}},
"BanWish": {"type": "object", "additionalProperties": false, "minProperties": 1, "properties": {
  "address": {"type": "string", "minLength": 1, "maxLength": 64, "description": "an IPv4 or IPv6 address (all of its /64), or a /64 network"},
  "identity": {"type": "string", "minLength": 1, "maxLength": 512, "description": "in place of `address`"},
  "until_ms": {"type": ["integer", "null"], "minimum": 0, "description": "milliseconds since 1970, ten years from now at most"},
  "reason": {"type": "string", "maxLength": 512}}},
"Config": {"type": "object", "additionalProperties": {"type": "string"},
  "description": "by the names of options without --, their values as texts: those that may be changed here"},
"ConfigChange": {"type": "object", "minProperties": 1,
  "additionalProperties": {"type": ["string", "integer", "boolean"]}},
"Restream": {"type": "object", "required": ["id", "streams", "to", "output", "states"], "additionalProperties": false,
 "properties": {
  "id": {"type": "integer"}, "streams": {"type": "string", "description": "a name, in which * stands for anything"},
  "to": {"type": "string", "description": "scheme, host and port"}, "output": {"type": "string"},
  "states": {"type": "array", "items": {"type": "object", "required": ["stream", "state"],
   "properties": {"stream": {"type": "string"}, "state": {"type": "string"}, "error": {"type": "string"}}}}}},
"Restreams": {"type": "object", "required": ["restreams"], "additionalProperties": false, "properties": {
  "restreams": {"type": "array", "items": {"$ref": "#/components/schemas/Restream"}}}},
"RestreamWish": {"type": "object", "required": ["streams", "url"], "additionalProperties": false, "properties": {
  "streams": {"type": "string", "minLength": 1, "maxLength": 300},
  "url": {"type": "string", "minLength": 1, "maxLength": 2048, "description": "rtmp://, rtmps:// or srt://; %path stands for the stream's name"}}},
"RestreamBegun": {"type": "object", "required": ["id", "streams", "to", "output"], "additionalProperties": false, "properties": {
  "id": {"type": "integer"}, "streams": {"type": "string"}, "to": {"type": "string"}, "output": {"type": "string"}}}
})json";

constexpr const char* kRender = R"json({
"Render": {"type": "object", "additionalProperties": false,
 "required": ["id", "state", "title", "page", "format", "asked_ms", "begun_ms", "ended_ms", "frame", "frames", "fps", "width",
              "height", "eta_ms", "said", "error", "recording", "url", "bytes"],
 "properties": {
  "id": {"type": "integer"},
  "state": {"type": "string", "enum": ["queued", "running", "done", "failed", "cancelled"]},
  "title": {"type": "string"},
  "page": {"type": ["string", "null"], "description": "its URL, without what is behind ? and #; null: HTML that was sent"},
  "format": {"type": "string", "enum": ["mp4", "webm", "mkv", "mov", "gif", "webp", "apng", "avif"]},
  "asked_ms": {"type": "integer", "description": "milliseconds since 1970"},
  "begun_ms": {"type": ["integer", "null"]}, "ended_ms": {"type": ["integer", "null"]},
  "frame": {"type": "integer", "minimum": 0, "description": "frames that are made"},
  "frames": {"type": ["integer", "null"], "description": "of the film; null until the page is there"},
  "fps": {"type": ["number", "null"], "description": "of the film"},
  "width": {"type": ["integer", "null"]}, "height": {"type": ["integer", "null"]},
  "eta_ms": {"type": ["integer", "null"], "description": "how long it will still take"},
  "said": {"type": "array", "items": {"type": "string"}, "description": "errors and warnings of the page, with file and line"},
  "error": {"type": ["object", "null"], "required": ["code", "message"], "additionalProperties": false, "properties": {
    "code": {"type": "string", "enum": ["page-failed", "bad-wish", "not-found", "refused", "unreachable", "disk", "crashed",
             "timed-out", "limit-exceeded", "interrupted", "cancelled"]},
    "message": {"type": "string"}}},
  "recording": {"type": ["string", "null"], "description": "the film's id among the recordings"},
  "url": {"type": ["string", "null"], "description": "of the film, on this server"},
  "bytes": {"type": ["integer", "null"]}}},
"Renders": {"type": "object", "required": ["renders", "next"], "additionalProperties": false, "properties": {
  "renders": {"type": "array", "items": {"$ref": "#/components/schemas/Render"}},
  "next": {"type": ["string", "null"], "description": "the cursor of the next page; null: this is the last"}}},
"RenderWish": {"type": "object", "additionalProperties": false, "minProperties": 1, "properties": {
  "url": {"type": "string", "minLength": 1, "maxLength": 4096, "description": "http:// or https://, of an origin that the operator allows (--render-origin)"},
  "html": {"type": "string", "minLength": 1, "description": "in place of `url`: the page itself"},
  "title": {"type": "string", "maxLength": 1024},
  "format": {"type": "string", "enum": ["mp4", "webm", "mkv", "mov", "gif", "webp", "apng", "avif"], "description": "mp4, if it is not said; from gif on short ones, without sound"},
  "fps": {"type": "number", "minimum": 0.1, "maximum": 1000, "description": "the page's, or 60, if it is not said"},
  "duration": {"type": "number", "minimum": 0.001, "maximum": 86400, "description": "seconds; as the page says, if it is not said"},
  "size": {"type": "string", "maxLength": 16, "description": "1920x1080, if it is not said"},
  "canvas": {"type": "string", "minLength": 1, "maxLength": 256, "description": "a selector: of the page this canvas alone, in its own size"},
  "alpha": {"type": "boolean", "description": "keep transparency: webm, mov, mkv, webp, apng, and gif (a pixel is there, or it is not)"},
  "chroma": {"type": "string", "enum": ["420", "422", "444"], "description": "how many pixels share a colour: 4, 2 or none; of video"},
  "bit_depth": {"type": "integer", "enum": [8, 10], "description": "bits of a sample; of video"},
  "loop": {"type": "integer", "minimum": 0, "maximum": 65535, "description": "how often gif, webp and apng are played; 0, which it is if it is not said: for ever"},
  "quality": {"type": "string", "enum": ["draft", "good", "high", "lossless"], "description": "high, if it is not said"},
  "audio": {"type": "string", "minLength": 1, "description": "its sound: the id of a recording, or a file, as data:audio/wav;base64,..."},
  "props": {"description": "any JSON, which the page finds as framewire.render.props"},
  "seed": {"type": "integer", "minimum": 0, "maximum": 4294967295, "description": "of the page's Math.random(); 1, if it is not said"},
  "workers": {"type": "integer", "minimum": 1, "maximum": 32, "description": "browsers that share the frames; 1, if it is not said"}}}
})json";

nlohmann::json parsed() {
  nlohmann::json out = nlohmann::json::parse(kShared, nullptr, /*allow_exceptions=*/false);
  const nlohmann::json more = nlohmann::json::parse(kControl, nullptr, false);
  const nlohmann::json render = nlohmann::json::parse(kRender, nullptr, false);
  FW_ASSERT(out.is_object() && more.is_object() && render.is_object());
  out.update(more);
  out.update(render);
  return out;
}

}  // namespace

const nlohmann::json& schemas() {
  static const nlohmann::json all = parsed();
  return all;
}

const nlohmann::json& schema_named(std::string_view name) {
  const auto found = schemas().find(std::string{name});
  FW_ASSERT(found != schemas().end());
  return *found;
}

}  // namespace framewire::relay
