// GET /live/{stream}/index.m3u8 and what it names: one file of a stream's HLS, which may have to be
// waited for.
#include <fmt/format.h>

#include <functional>
#include <string>
#include <utility>

#include "relay/hls/request.h"
#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"
#include "relay/server/session_kinds.h"

namespace framewire::relay {
namespace {

// Names are never used twice, so what they name may be kept; a key in the URL makes it private.
constexpr const char* kLasting = "private, max-age=60";
constexpr const char* kChanging = "no-store";
// It stands in each URI of a playlist, a hundred times; a key that is needed may be longer.
constexpr std::size_t kLongestQuery = 1024;

// What tells viewers of one address apart: the key that they needed, whole; what nobody asked for
// in a few kinds only, or one of them could count as many as it likes.
std::string told_apart(const std::string& query, bool needed) {
  constexpr std::size_t kKinds = 3;
  if (needed || query.empty()) return query;
  return std::to_string(std::hash<std::string>{}(query) % kKinds);
}

class HlsAnswer final : public Session {
 public:
  HlsAnswer(Connection& connection, const Admission& admission, const Request& request)
      : connection_(connection),
        stream_(admission.target.stream),
        head_only_(request.method == Method::head),
        origin_(request.origin) {
    request_.id = {connection.hub().index(), connection.number()};
    request_.stream = stream_;
    request_.file = admission.target.hls_file;
    request_.query = admission.link
                         ? hls::query_of_link(admission.link->expires, admission.link->sign)
                         : hls::query_of(request.argument("token"));
    request_.client = connection.counted() + " " + told_apart(request_.query, admission.keyed);
    request_.wait = wait_asked(request);
    // Browsers' media elements ask for ranges, pages' scripts do not.
    request_.patient = !request.range.empty();
    auto directives = hls::parse_directives(request.arguments);
    if (directives)
      request_.directives = *directives;
    else
      bad_request_ = directives.error().what;
    if (!admission.keyed && request_.query.size() > kLongestQuery)
      bad_request_ =
          fmt::format("the token is longer than {} bytes as a URI has it", kLongestQuery);
  }

  void on_open() override {
    if (!bad_request_.empty()) return refuse(Refusal::bad_request, bad_request_);
    waiting_ = true;
    connection_.loop().hls().request(
        request_, [this, &loop = connection_.loop(),
                   number = connection_.number()](const hls::Response& response) {
          if (const Connection* c = loop.find(number); c && c->session() == this) give(response);
        });
  }
  void on_gone() override {
    if (waiting_) connection_.loop().hls().cancel_request(stream_, connection_.number());
  }
  void on_writeable() override {
    if (sending_) write_on();
  }
  void tick(Time now) override {
    if (!sending_) return;
    const std::size_t unsent = connection_.unsent_bytes();
    if (std::exchange(unsent_, unsent) != unsent) progressed_ = now;
    if (now - progressed_ > connection_.loop().config().stall_timeout) connection_.kill();
  }
  void dismiss(const Dismissal& why) override {
    if (waiting_) refuse(why.refusal, why.message);
  }

 private:
  void refuse(Refusal why, std::string_view message) {
    waiting_ = false;
    connection_.respond(why, message);
  }

  std::string cors() const {
    if (origin_.empty()) return {};  // else it was admitted
    return fmt::format("Access-Control-Allow-Origin: {}\r\nVary: Origin\r\n", origin_);
  }

  void give(const hls::Response& response) {
    if (!waiting_) return;
    waiting_ = false;
    if (response.refused) return refuse(*response.refused, response.message);
    HttpResponse head;
    head.content_type = response.type;
    head.head_only = head_only_;
    head.extra_headers =
        fmt::format("Cache-Control: {}\r\nX-Content-Type-Options: nosniff\r\n{}{}{}",
                    response.lasts ? kLasting : kChanging, kEmbeddable, kUnbuffered, cors());
    body_ = response.body;
    std::size_t size = 0;
    for (const hls::SharedBytes& piece : body_) size += piece->size();
    connection_.begin_answer(head, size);
    if (head_only_) body_.clear();
    sending_ = true;
    progressed_ = connection_.loop().now();
    write_on();
  }

  void write_on() {
    while (at_ < body_.size()) {
      if (connection_.ending()) return;
      if (connection_.has_pending()) {
        connection_.want_writeable();
        return;
      }
      const hls::SharedBytes piece = std::move(body_[at_++]);
      progressed_ = connection_.loop().now();
      connection_.hub().counters().sent_bytes += piece->size();
      if (connection_.write(*piece) == Sent::gone) return;
    }
    sending_ = false;
    connection_.complete();
  }

  Connection& connection_;
  const std::string stream_;
  const bool head_only_;
  const std::string origin_;
  hls::Request request_;
  std::string bad_request_;
  bool waiting_ = false;  // for the answer
  bool sending_ = false;
  std::vector<hls::SharedBytes> body_;
  std::size_t at_ = 0;
  Time progressed_{};
  std::size_t unsent_ = 0;
};

}  // namespace

std::unique_ptr<Session> make_hls_answer(Connection& connection, const Admission& admission,
                                         const Request& request) {
  return std::make_unique<HlsAnswer>(connection, admission, request);
}

}  // namespace framewire::relay
