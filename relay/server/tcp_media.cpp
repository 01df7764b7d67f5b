// Who publishes and who watches by plain TCP.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "relay/access/target.h"
#include "relay/server/session_kinds.h"
#include "relay/server/tcp_host.h"
#include "relay/server/tcp_kinds.h"

namespace framewire::relay {
namespace {

class TcpPublisher final : public TcpPeer, private PublisherSink {
 public:
  TcpPublisher(TcpHost& host, int socket, std::string address, const std::string& stream)
      : TcpPeer(host, socket, std::move(address)), stream_(stream) {}
  ~TcpPublisher() override { leave(PublisherExit::lost); }

  // Nothing is read before the request is granted.
  void on_open() override {
    id_ = host().hub().request_publish(stream_, PublishFraming::http, PublishHello{}, std::nullopt,
                                       *this);
  }
  void drain() override { kill(); }
  std::optional<SessionFacts> facts() const override {
    if (id_.number == 0) return std::nullopt;
    return SessionFacts{
        true,      stream_, {}, "tcp",
        received_, 0,       {}, name_of({id_}, host().hub().config().sender_suffix())};
  }
  void dismiss() override {
    leave(PublisherExit::sent_away);
    kill();
  }
  // As a request's body: one that stands still gives its name back.
  void tick(Time now) override {
    if (!listens_ || id_.number == 0 || now - heard_ < host().loop().config().body_timeout) return;
    spdlog::info("{}: publishing {} by TCP: nothing has come for --body-timeout", address(),
                 stream_);
    leave(PublisherExit::lost);
    kill();
  }

 private:
  void go_on(bool on) {
    listens_ = on;
    heard_ = host().loop().now();
    read(on);
  }
  void on_bytes(Bytes bytes) override {
    heard_ = host().loop().now();
    received_ += bytes.size();
    if (id_.number != 0) host().hub().publish(id_, bytes);
  }
  void on_end() override {
    if (id_.number != 0) host().hub().end(id_);
  }
  void leave(PublisherExit how) {
    if (id_.number != 0) host().hub().leave(std::exchange(id_, {}), how);
  }

  // PublisherSink
  std::string described() const override { return address() + " (plain TCP)"; }
  void on_ready() override { go_on(true); }
  void send_text(const std::string&) override {}
  void hold(bool on) override { go_on(!on); }
  void on_ended(const std::optional<Error>& error) override {
    if (error) spdlog::warn("{}: publishing {} by TCP: {}", address(), stream_, error->what);
    leave(PublisherExit::ended);
    finish();
  }
  void close(const CloseReason& ending) override {
    spdlog::warn("{}: publishing {} by TCP: {} (byte {})", address(), stream_, ending.error.what,
                 ending.error.offset);
    write(as_bytes(fmt::format("* {}\n", ending.error.what)));
    leave(PublisherExit::lost);
    finish();
  }

  const std::string stream_;
  PublisherId id_;
  std::uint64_t received_ = 0;
  bool listens_ = false;
  Time heard_{};  // when anything came, while it is read
};

class TcpViewer final : public TcpPeer, private ViewerSink {
 public:
  TcpViewer(TcpHost& host, int socket, std::string address, const Target& target)
      : TcpPeer(host, socket, std::move(address)),
        stream_(viewed(target).stream),
        viewer_(*this, Framing::http, viewed(target).rendition),
        slot_(host.loop().shared().viewers, host.loop().config().max_viewers) {}
  ~TcpViewer() override { leave(); }

  void on_open() override {
    if (!slot_.taken()) return kill();
    read(true);  // to notice its end; what it says is dropped
    host().hub().attach(stream_, viewer_);
    announce_viewer("viewer-join");
  }
  std::optional<SessionFacts> facts() const override {
    return facts_of(viewer_, stream_, "tcp", {}, host().hub());
  }

 private:
  void on_bytes(Bytes) override {}
  // `nc < /dev/null` closes its side and goes on reading.
  void on_end() override {}
  void on_room() override {
    if (viewer_.local_stream) host().hub().on_writeable(viewer_);
  }
  void leave() {
    if (!viewer_.local_stream) return;
    announce_viewer("viewer-leave");
    host().hub().detach(viewer_);
  }

  // ViewerSink
  Sent write(Bytes bytes) override { return TcpPeer::write(bytes); }
  void on_epoch(const Epoch&) override {}
  void on_no_stream() override {}  // it waits until there is one
  void want_writeable() override { want_room(); }
  std::size_t unsent_bytes() const override { return TcpPeer::unsent_bytes(); }
  void close(CloseCode code, std::string_view code_name) override {
    if (code != CloseCode::normal)
      spdlog::debug("{}: watching {} by TCP: {}", address(), stream_, viewer_.why(code_name));
    finish();
  }

  const std::string stream_;
  Viewer viewer_;
  CountedSlot slot_;
};

}  // namespace

std::unique_ptr<TcpPeer> make_tcp_publisher(TcpHost& host, int socket, std::string address,
                                            const std::string& stream) {
  return std::make_unique<TcpPublisher>(host, socket, std::move(address), stream);
}

std::unique_ptr<TcpPeer> make_tcp_viewer(TcpHost& host, int socket, std::string address,
                                         const std::string& name) {
  return std::make_unique<TcpViewer>(host, socket, std::move(address),
                                     *parse_target("/live/" + name));
}

}  // namespace framewire::relay
