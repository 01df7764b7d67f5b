// A WebSocket from another node of the cluster: /link/{stream}. It is one viewer of the origin, is
// told a little more than a viewer, and says how many watch there, what they say, and that they
// would have use for a keyframe. Only what is published here is given: nothing goes in circles.
// Source: PROTOCOL.md, "Links between nodes".
#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ingest/wire/ws_frame.h"
#include "relay/cluster/epoch_text.h"
#include "relay/cluster/link_thread.h"
#include "relay/fanout/messages.h"
#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"
#include "relay/server/session_kinds.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kMostSender = 128;
constexpr std::int64_t kMostViewers = 10'000'000;

std::string text_of(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

class WsLink final : public Session, private ViewerSink {
 public:
  WsLink(Connection& connection, const Admission& admission, const Request& request)
      : connection_(connection),
        viewer_(*this, Framing::v1, Rendition::origin),
        stream_(admission.target.stream),
        reassembler_(connection.hub().config().limits),
        share_(connection.loop().shared().waiting) {
    const ClusterConfig& cluster = connection.hub().config().cluster;
    node_ = request.argument("node").value_or("");
    may_ = admission.v1 && cluster.on() && node_ != cluster.node &&
           is_link_proof(cluster, stream_, request.argument("until").value_or(""),
                         request.argument("proof").value_or(""));
  }

  void on_open() override {
    if (!may_) {
      connection_.hub().counters().refused(Refusal::unauthorized);
      spdlog::warn("{}: asks for a link, and is no node of this cluster", connection_.peer());
      connection_.close(CloseCode::policy, "unauthorized");
      return;
    }
    connection_.hub().find_home(
        stream_, [this, &loop = connection_.loop(),
                  number = connection_.number()](std::optional<StreamSummary> found) {
          const Connection* c = loop.find(number);
          if (c && c->session() == this) begin(found);
        });
  }
  void on_gone() override { leave(); }
  void on_writeable() override {
    if (viewer_.local_stream) connection_.hub().on_writeable(viewer_);
  }
  void dismiss(const Dismissal& why) override { dismiss_ws(connection_, why, true); }
  void on_broken(const Error& error) override { fail_peer(error); }

  void on_receive(const FragmentPiece& piece) override {
    auto message = reassembler_.feed(piece);
    if (!message) {
      fail_peer(message.error());
    } else if (*message) {
      if ((*message)->text)
        take_text(as_text((*message)->bytes));
      else
        fail_peer({Errc::unsupported_format, "binary where text is due"});
      reassembler_.release();
    }
    if (!share_.set(reassembler_.held_bytes())) close(CloseCode::try_later, "overloaded");
  }

 private:
  void begin(const std::optional<StreamSummary>& found) {
    if (connection_.ending()) return;
    if (!found) return connection_.close(CloseCode::policy, "not-here");
    connection_.send_text(nlohmann::json({{"type", "home"},
                                          {"title", found->title},
                                          {"began", std::to_string(found->started_ms)}})
                              .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    connection_.send_text(viewers_message(found->viewers));
    connection_.hub().attach(stream_, viewer_);
    count(0);
    spdlog::info("stream {}: fetched by node {}, {}", stream_, node_, connection_.peer());
  }

  void leave() {
    if (!viewer_.local_stream) return;
    count(1);  // as if it were one of ours: detach() takes that one off
    connection_.hub().detach(viewer_);
  }

  // So many watch at the other node. The link itself is counted as one by being attached.
  void count(std::int64_t viewers) {
    if (!viewer_.local_stream) return;
    const std::int64_t more = std::clamp<std::int64_t>(viewers, 0, kMostViewers) - 1;
    connection_.hub().add_linked_viewers(viewer_, more - counted_);
    counted_ = more;
  }

  void take_text(std::string_view text) {
    const auto object = nlohmann::json::parse(text, nullptr, false);
    const std::string type = object.is_object() ? text_of(object, "type") : "";
    if (type == "viewers") {
      const auto number = object.find("count");
      if (number != object.end() && number->is_number_unsigned())
        count(static_cast<std::int64_t>(
            std::min<std::uint64_t>(number->get<std::uint64_t>(), kMostViewers)));
    } else if (type == "keyframe") {
      if (viewer_.local_stream) connection_.hub().want_keyframe(stream_);
    } else if (type == "say") {
      say(object);
    } else if (type.empty()) {
      fail_peer({Errc::bad_text, "a control message is a JSON object with a type"});
    }
  }

  // Judged there by what its connection may, and here by what the stream's side channel may.
  void say(const nlohmann::json& object) {
    SideText said;
    said.data = text_of(object, "data");
    said.name = text_of(object, "name");
    said.user = text_of(object, "user");
    said.whose = text_of(object, "whose");
    const std::string sender = text_of(object, "sender");
    const std::string suffix = "@" + node_;
    const bool named = sender.ends_with(suffix) && sender.size() <= kMostSender;
    if (!named || said.data.size() > connection_.hub().config().side_text_bytes ||
        !nlohmann::json::accept(said.data) ||
        (!said.user.empty() && !nlohmann::json::accept(said.user)))
      return fail_peer({Errc::protocol, "a text that another node would not pass on"});
    if (viewer_.local_stream) connection_.hub().pass_side_text(viewer_, sender, std::move(said));
  }

  void fail_peer(const Error& error) {
    const CloseReason ending = close_reason_for(error);
    spdlog::warn("{}: link of {}: {}", connection_.peer(), stream_, error.what);
    connection_.close(ending.close, ending.code);
  }

  // ViewerSink
  Sent write(Bytes framed) override {
    return connection_.ending() ? Sent::gone : connection_.write(framed);
  }
  bool make_ready(Bytes framed, SocketSend& to) override {
    return connection_.make_ready(framed, to);
  }
  Sent sent(Bytes framed, std::int32_t result) override { return connection_.sent(framed, result); }
  void on_epoch(const Epoch& epoch) override {
    append_text_frame(
        viewer_.pending_text,
        nlohmann::json(
            {{"type", "epoch"}, {"number", epoch.number}, {"info", epoch_json(epoch.info)}})
            .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  void send_text(const std::string& json) override { connection_.send_text(json); }
  // It is here, as the directory says: this loop hears of it in a moment.
  void on_no_stream() override {}
  void want_writeable() override { connection_.want_writeable(); }
  std::size_t unsent_bytes() const override { return connection_.unsent_bytes(); }
  void close(CloseCode code, std::string_view code_name) override {
    connection_.close(code, code_name);
  }

  Connection& connection_;
  Viewer viewer_;
  const std::string stream_;
  std::string node_;
  bool may_ = false;
  MessageReassembler reassembler_;
  IntakeShare share_;
  std::int64_t counted_ = 0;
};

}  // namespace

std::unique_ptr<Session> make_ws_link(Connection& connection, const Admission& admission,
                                      const Request& request) {
  return std::make_unique<WsLink>(connection, admission, request);
}

}  // namespace framewire::relay
