#include "relay/server/lws_callback.h"

#include <libwebsockets.h>

#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"
#include "relay/server/lws_request.h"
#include "relay/server/sessions.h"

namespace framewire::relay {
namespace {

// What one lws_write may hand to the socket; 4 KiB by default, with the rest copied.
constexpr std::size_t kTxPacketBytes = 4u << 20;
// Allocated for each WebSocket, and the most that one read takes. A viewer says little and is one
// of thousands; a publisher is read in large pieces.
constexpr std::size_t kRxBufferBytes = 1024;

Connection* connection_of(lws* wsi) {
  return static_cast<Connection*>(lws_get_opaque_user_data(wsi));
}

Bytes bytes_of(void* in, std::size_t size) {
  return {static_cast<const std::byte*>(in), size};
}

// 1: answered here, no upgrade. Every Upgrade comes by here first (also h2c, and names that
// libwebsockets has refused already, in which case `in` and the header table may be gone).
int confirm_upgrade(lws* wsi, Connection& connection) {
  if (lws_hdr_total_length(wsi, WSI_TOKEN_UPGRADE) <= 0) return -1;
  const Verdict verdict = judge_upgrade(read_request(wsi), connection.loop().shared().rules);
  if (verdict) {
    connection.publishes = verdict->target.route == Target::Route::publish;
    if (verdict->target.route == Target::Route::live && !verdict->unauthorized)
      connection.hub().expect(viewed(verdict->target).stream);
    return 0;
  }
  connection.respond(verdict.error().why, verdict.error().message);
  return connection.verdict() < 0 ? -1 : 1;
}

// libwebsockets sizes the receive buffer of a WebSocket by its protocol right after this call: the
// entry, its vhost's own, is set for this one connection.
void size_receive_buffer(lws* wsi, const Connection& connection) {
  const_cast<lws_protocols*>(lws_get_protocol(wsi))->rx_buffer_size =
      connection.publishes ? kPublisherReadBytes : kRxBufferBytes;
}

int established(lws* wsi, Connection& connection) {
  connection.upgraded = true;
  const Request request = read_request(wsi);
  const Verdict verdict = judge_upgrade(request, connection.loop().shared().rules);
  if (!verdict) return -1;
  connection.start(make_ws_session(connection, *verdict, request));
  return connection.verdict();
}

int receive(lws* wsi, Connection& connection, Bytes bytes) {
  // libwebsockets goes on reading after either side's close frame.
  if (connection.ending() || connection.peer_closed()) {
    connection.on_late_bytes(bytes.size() + 1);
    return connection.verdict();
  }
  FragmentPiece piece;
  piece.bytes = bytes;
  piece.first_of_message = lws_is_first_fragment(wsi) != 0;
  piece.last_of_message = lws_is_final_fragment(wsi) != 0;
  piece.first_of_frame = connection.frame_begins;
  piece.text = lws_frame_is_binary(wsi) == 0;
  connection.frame_begins = lws_remaining_packet_payload(wsi) == 0;
  connection.loop().on_received(connection, bytes.size());
  connection.session()->on_receive(piece);
  return connection.verdict();
}

int http_request(lws* wsi, Connection& connection) {
  const Request request = read_request(wsi);
  const Verdict verdict = judge_http(request, connection.loop().shared().rules);
  if (verdict) {
    connection.set_admitted_origin(request.origin);
    connection.start(make_http_session(connection, *verdict, request));
  } else {
    connection.respond(verdict.error().why, verdict.error().message);
  }
  return connection.verdict();
}

int peer_closes(Connection& connection, Bytes payload) {
  constexpr std::uint16_t kNoCode = 1005;
  return connection.on_peer_close(payload.size() >= 2 ? load_be<std::uint16_t>(payload) : kNoCode);
}

int on_event(lws* wsi, lws_callback_reasons reason, void*, void* in, std::size_t size) {
  Connection* connection = connection_of(wsi);
  if (!connection) return 0;
  connection->heard_something(reason == LWS_CALLBACK_RECEIVE ||
                              reason == LWS_CALLBACK_RECEIVE_PONG);
  switch (reason) {
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
      return confirm_upgrade(wsi, *connection);
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
      size_receive_buffer(wsi, *connection);
      return 0;
    case LWS_CALLBACK_ESTABLISHED:
      return established(wsi, *connection);
    case LWS_CALLBACK_RECEIVE:
      return receive(wsi, *connection, bytes_of(in, size));
    case LWS_CALLBACK_RECEIVE_PONG:
      connection->on_pong(bytes_of(in, size));
      return connection->verdict();
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
      return peer_closes(*connection, bytes_of(in, size));
    case LWS_CALLBACK_HTTP:
      return http_request(wsi, *connection);
    case LWS_CALLBACK_HTTP_BODY:
      if (connection->session() && size > 0) connection->session()->on_body(bytes_of(in, size));
      return connection->verdict();
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
      if (connection->session()) connection->session()->on_body_end();
      return connection->verdict();
    case LWS_CALLBACK_SERVER_WRITEABLE:
    case LWS_CALLBACK_HTTP_WRITEABLE:
      connection->on_writeable();
      return connection->verdict();
    case LWS_CALLBACK_CLOSED:
    case LWS_CALLBACK_CLOSED_HTTP:
      connection->drop_session();
      return 0;
    case LWS_CALLBACK_WSI_DESTROY:
      lws_set_opaque_user_data(wsi, nullptr);
      delete connection;
      return 0;
    default:
      return 0;
  }
}

}  // namespace

const lws_protocols* lws_protocol_table() {
  // The first name holds a blank, so that no client can ask for it as a subprotocol.
  static const lws_protocols kTable[] = {
      {"no subprotocol", on_event, 0, kRxBufferBytes, 0, nullptr, kTxPacketBytes},
      {"framewire.v1", on_event, 0, kRxBufferBytes, 1, nullptr, kTxPacketBytes},
      {nullptr, nullptr, 0, 0, 0, nullptr, 0},
  };
  return kTable;
}

}  // namespace framewire::relay
