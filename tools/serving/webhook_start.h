// Begins the webhook of a server (--webhook), if there is one: reads its secret, opens its queue.
// Errors: a sentence for the operator. Thread: one, before the server starts.
#pragma once
#include <filesystem>
#include <memory>

#include "ingest/base/error.h"
#include "relay/base/config.h"
#include "relay/base/event.h"

namespace framewire::cli {

// state: where the environment keeps what should be found again; "" = nowhere. Null: no webhook.
Result<std::shared_ptr<relay::EventSink>> start_webhook(const relay::Config& config,
                                                        const std::filesystem::path& state);

}  // namespace framewire::cli
