#include "tools/media/body_judge.h"

#include <algorithm>
#include <array>

namespace framewire::cli {
namespace {
// Bad Request, Request Timeout, Length Required, Content Too Large, Not Implemented.
constexpr std::array<long, 5> kForBody = {400, 408, 411, 413, 501};
}  // namespace

BodyFate judge_body(std::chrono::milliseconds sent_for, const News& news) {
  if (news.live) return BodyFate::arrives;
  if (sent_for < kHeldAfter) return BodyFate::unknown;
  return news.known ? BodyFate::held : BodyFate::arrives;
}

bool refused_for_body(const TransferEnd& end) {
  return end.by_proxy && std::find(kForBody.begin(), kForBody.end(), end.status) != kForBody.end();
}

}  // namespace framewire::cli
