// Whether one long POST is a way to publish: proxies that hold a request back until it is whole
// (nginx by default, and many a company's) let none of a live stream through, others refuse what
// has no length, or is too long. Who finds that out goes on by short requests (tools/posts).
// Pure. Thread: any. Source: RFC 9112, section 7.1 (chunked), RFC 9110, section 15.5.
#pragma once
#include <chrono>

#include "tools/base/http_transfer.h"
#include "tools/media/stream_news.h"

namespace framewire::cli {

// A body of which nothing has arrived by then is held back.
inline constexpr std::chrono::milliseconds kHeldAfter{3'000};

enum class BodyFate : std::uint8_t {
  unknown,  // yet
  arrives,  // or nobody says that it does not
  held,     // by somebody on the way
};
// sent_for: since its first bytes left. news: of questions that were asked since.
BodyFate judge_body(std::chrono::milliseconds sent_for, const News& news);

// Somebody on the way, not the server, refused the request for its body: that it is chunked, too
// long, or comes too slowly.
bool refused_for_body(const TransferEnd& end);

}  // namespace framewire::cli
