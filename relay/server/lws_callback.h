// The one libwebsockets callback: its reasons turned into calls on Connection and Session.
#pragma once

struct lws_protocols;

namespace framewire::relay {

// For a context's vhost; ends with the empty entry. Index 0 serves HTTP and WebSockets without a
// subprotocol, index 1 framewire.v1.
const lws_protocols* lws_protocol_table();

}  // namespace framewire::relay
