// One GET of a small text from somebody else's server, by libcurl: all that the relay fetches goes
// through here. It blocks: never on a network thread. No redirection is followed, no proxy asked on
// the way to this machine itself, and nothing unpacked, so that what comes is no more than it says.
// Errors: a sentence without the URL's parameters. Thread: any but a loop's.
#pragma once
#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>

#include "ingest/base/error.h"
#include "relay/base/clock.h"

namespace framewire::relay {

struct GetLimits {
  Duration timeout{0};  // for all of it
  std::size_t bytes = 0;
};

// The body of a 200. stop: set by any thread, it is given up within a moment.
Result<std::string> http_get(const std::string& url, GetLimits limits,
                             const std::atomic<bool>& stop);

// Why nothing may be fetched from there; "" = it may: https, or plain http of this machine itself,
// without a user's name.
std::string why_not_fetched(const std::string& url);

// For the log: without what may be secret.
std::string shown_url(std::string_view url);

}  // namespace framewire::relay
