// libnats, loaded when a cluster is asked for and not before: a table of those of its functions
// that are used, each of the type that its header says. Only relay/cluster includes this.
// Thread: any, once loaded; it is never unloaded. Source: nats/nats.h of libnats 3.4.
#pragma once
#include <nats/nats.h>

#include "ingest/base/error.h"

namespace framewire::relay {

struct NatsLibrary {
#define FRAMEWIRE_NATS_FUNCTIONS(X)          \
  X(natsOptions_Create)                      \
  X(natsOptions_Destroy)                     \
  X(natsOptions_SetServers)                  \
  X(natsOptions_SetName)                     \
  X(natsOptions_SetTimeout)                  \
  X(natsOptions_SetPingInterval)             \
  X(natsOptions_SetMaxPingsOut)              \
  X(natsOptions_SetMaxReconnect)             \
  X(natsOptions_SetReconnectWait)            \
  X(natsOptions_SetReconnectBufSize)         \
  X(natsOptions_SetRetryOnFailedConnect)     \
  X(natsOptions_SetFailRequestsOnDisconnect) \
  X(natsOptions_SetUserCredentialsFromFiles) \
  X(natsOptions_LoadCATrustedCertificates)   \
  X(natsConnection_Connect)                  \
  X(natsConnection_Close)                    \
  X(natsConnection_Destroy)                  \
  X(natsConnection_Status)                   \
  X(natsConnection_Publish)                  \
  X(natsConnection_Subscribe)                \
  X(natsConnection_JetStream)                \
  X(natsSubscription_Destroy)                \
  X(natsMsg_Create)                          \
  X(natsMsgHeader_Set)                       \
  X(jsPubOptions_Init)                       \
  X(js_PublishMsg)                           \
  X(natsMsg_GetData)                         \
  X(natsMsg_GetDataLength)                   \
  X(natsMsg_Destroy)                         \
  X(natsStatus_GetText)                      \
  X(jsOptions_Init)                          \
  X(jsCtx_Destroy)                           \
  X(kvConfig_Init)                           \
  X(js_CreateKeyValue)                       \
  X(js_KeyValue)                             \
  X(kvStore_Destroy)                         \
  X(kvStore_Get)                             \
  X(kvStore_Put)                             \
  X(kvStore_Create)                          \
  X(kvStore_Update)                          \
  X(kvStore_WatchAll)                        \
  X(kvWatcher_Next)                          \
  X(kvWatcher_Destroy)                       \
  X(kvEntry_Key)                             \
  X(kvEntry_Value)                           \
  X(kvEntry_ValueLen)                        \
  X(kvEntry_Revision)                        \
  X(kvEntry_Operation)                       \
  X(kvEntry_Destroy)                         \
  X(nats_CloseAndWait)
#define FRAMEWIRE_NATS_MEMBER(name) decltype(&::name) name = nullptr;
  FRAMEWIRE_NATS_FUNCTIONS(FRAMEWIRE_NATS_MEMBER)
#undef FRAMEWIRE_NATS_MEMBER

  // The first call loads it. The error says which package has it.
  static Result<const NatsLibrary*> load();
};

}  // namespace framewire::relay
