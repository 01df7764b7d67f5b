#include "relay/server/lws_callback.h"

#include <libwebsockets.h>

#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"

namespace framewire::relay {
namespace {

Connection* connection_of(lws* wsi) {
  return static_cast<Connection*>(lws_get_opaque_user_data(wsi));
}

int on_event(lws* wsi, lws_callback_reasons reason, void* user, void* in, std::size_t size) {
  if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS) {
    auto* const loop = static_cast<LwsLoop*>(lws_context_user(lws_get_context(wsi)));
    loop->prepare_tls(*static_cast<ssl_ctx_st*>(user));
    return 0;
  }
  Connection* connection = connection_of(wsi);
  if (!connection) return 0;
  switch (reason) {
    case LWS_CALLBACK_RAW_RX:
      return connection->on_received({static_cast<std::byte*>(in), size});
    case LWS_CALLBACK_RAW_WRITEABLE:
      return connection->on_writeable();
    case LWS_CALLBACK_RAW_CLOSE:
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
  static const lws_protocols kTable[] = {
      {"raw", on_event, 0, 0, 0, nullptr, 0},
      {nullptr, nullptr, 0, 0, 0, nullptr, 0},
  };
  return kTable;
}

}  // namespace framewire::relay
