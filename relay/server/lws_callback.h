// The one libwebsockets callback: its reasons turned into calls on Connection. Every socket is raw
// to libwebsockets: it gives TLS, bytes as they come, and room to write.
#pragma once

struct lws_protocols;

namespace framewire::relay {

// For a context's vhost; ends with the empty entry.
const lws_protocols* lws_protocol_table();

}  // namespace framewire::relay
