// What each row of the API is called, takes and answers (relay/server/routes.cpp): for its OpenAPI
// document. Names are a promise to users: programs are generated from them. Thread: any; constants.
#pragma once
#include "relay/access/route.h"

namespace framewire::relay {

inline constexpr Parameter kSessionParameters[] = {
    {"stream", "string", "only of this stream"},
    {"role", "string", "publisher or viewer"},
    {"limit", "integer", "sessions of a page, 1 to 1000; 100 if it is not said"},
    {"cursor", "string", "`next` of the page before"},
};
inline constexpr Parameter kOfStream[] = {{"stream", "string", "only of this stream"}};
inline constexpr Parameter kCutParameters[] = {
    {"from_ms", "integer", "from the beginning, milliseconds"},
    {"to_ms", "integer", "to here"},
};

constexpr Operation with_tag(Operation operation) {
  operation.tagged = true;
  return operation;
}

inline constexpr Operation kDescribe =
    with_tag({"describe", "This description", "application/json"});
inline constexpr Operation kListStreams{"listStreams", "All streams", "Streams"};
inline constexpr Operation kGetStream{"getStream", "One stream", "Stream"};
inline constexpr Operation kChangeStream{"changeStream", "Give a stream another title",
                                         "StreamChanged", "StreamChange"};
inline constexpr Operation kEndStream{
    "endStream", "End a stream: its publisher is told `stream-ended`, its viewers `end`"};
inline constexpr Operation kRecord{"record", "Begin or end the recording of a stream", "Recorded",
                                   "RecordWish"};
inline constexpr Operation kListSessions = with_tag({"listSessions",
                                                     "Who publishes and watches, page by page",
                                                     "Sessions",
                                                     {},
                                                     kSessionParameters});
inline constexpr Operation kGetSession =
    with_tag({"getSession", "One who publishes or watches", "Session"});
inline constexpr Operation kKick{"kick", "End a connection: it is told `kicked`"};
inline constexpr Operation kGetChat = with_tag({"getChat", "The side channel of a stream", "Chat"});
inline constexpr Operation kChangeChat{"changeChat", "Slow mode; mute and unmute senders", "Chat",
                                       "ChatChange"};
inline constexpr Operation kClearChat{"clearChat", "Forget what was said"};
inline constexpr Operation kListRestreams =
    with_tag({"listRestreams", "Where streams are passed on to", "Restreams"});
inline constexpr Operation kBeginRestream{
    "beginRestream", "Pass streams on to a server, until it is ended or a reload", "RestreamBegun",
    "RestreamWish"};
inline constexpr Operation kEndRestream{"endRestream", "Pass them on no more"};
inline constexpr Operation kListBans = with_tag({"listBans", "Who is not let in", "Bans"});
inline constexpr Operation kBan{"ban", "Let somebody in no more: who is connected is told `banned`",
                                "Ban", "BanWish"};
inline constexpr Operation kLiftBan{"liftBan", "Let somebody in again"};
inline constexpr Parameter kRenderParameters[] = {
    {"limit", "integer", "films of a page, 1 to 1000; 100 if it is not said"},
    {"cursor", "string", "`next` of the page before"},
};
inline constexpr Operation kListRenders =
    with_tag({"listRenders", "Films of pages, the newest first", "Renders", {}, kRenderParameters});
inline constexpr Operation kBeginRender{"beginRender", "Make a film of a page", "Render",
                                        "RenderWish"};
inline constexpr Operation kGetRender =
    with_tag({"getRender", "How far a film of a page is", "Render"});
inline constexpr Operation kCancelRender{
    "cancelRender", "Cancel it; forget it, if it is over: its film stays a recording"};
inline constexpr Parameter kEventParameters[] = {
    {"stream", "string", "only of this stream: a name, in which * stands for anything"},
    {"types", "string", "only of these types, separated by commas"},
    {"last_event_id", "string", "as the header Last-Event-ID: what came after it comes first"},
};
inline constexpr Operation kFollow{"followEvents",
                                   "What happens, as it happens: server-sent events",
                                   "text/event-stream",
                                   {},
                                   kEventParameters};
inline constexpr Operation kGetConfig =
    with_tag({"getConfig", "The options that can be changed here", "Config"});
inline constexpr Operation kChangeConfig{
    "changeConfig", "Change options, until the next reload or start", "Config", "ConfigChange"};
inline constexpr Operation kListRecordings{
    "listRecordings", "Recordings, the newest first", "Recordings", {}, kOfStream};
inline constexpr Operation kCutRecording{
    "cutRecording", "A time range of a recording, as a file", "video/*", {}, kCutParameters};
inline constexpr Operation kDeleteRecording{"deleteRecording", "Delete a recording"};
inline constexpr Operation kUploadRecording{"uploadRecording",
                                            "Send a recording to --upload-url, now, or once more"};

}  // namespace framewire::relay
