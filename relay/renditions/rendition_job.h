// One derived rendition: a viewer of its source whose bytes go to the codec worker, and the
// publisher of what comes back.
//
//   source's ring --Viewer--> socket --> worker --> socket --publish--> the derived stream's ring
//
// The source is the origin, or, when the worker says that the origin does not fit, the derived
// stream that it names: "cam.flv" is made from "cam.h264", which all who need it share.
// Both ways are bounded by the socket: what the worker is slow to take waits in the origin's ring,
// as for any slow viewer, which then skips to the newest group.
// Thread: the loop's. Lifetime: its host's; it is taken away once over().
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "codec/job.h"
#include "relay/child/child_channel.h"
#include "relay/streams/hub.h"

namespace framewire::relay {

class RenditionHost;

class RenditionJob final : private ViewerSink, private PublisherSink {
 public:
  RenditionJob(RenditionHost& host, std::string origin, std::string output);
  ~RenditionJob() override;
  RenditionJob(const RenditionJob&) = delete;
  RenditionJob& operator=(const RenditionJob&) = delete;

  void start();
  // Nothing is made; whoever watches is told why.
  void start_refused(const std::string& why);
  // watched: somebody, or a job that somebody watches, takes what it makes.
  void tick(Time now, bool watched);
  void on_worker_end(bool guilty);
  bool over() const { return over_; }
  std::uint64_t number() const { return spec_.number; }
  const std::string& derived() const { return derived_; }
  // What it is made from, "" while it reads nothing.
  std::string_view reads() const {
    return viewer_ && viewer_->local_stream ? source_ : std::string_view{};
  }
  bool published() const { return published_; }
  bool encodes() const { return encodes_; }

 private:
  void begin();
  void request_publish();
  void stop();  // socket, viewer and publisher; the job may begin anew
  void retry(Duration after);
  void finish();
  void refuse(const std::string& why);

  void watch();
  void on_poll(int events);
  void read();
  void take(codec::WorkerEvent kind, Bytes payload);
  void on_broken(std::string_view why);
  void turn_to(const codec::Instead& instead);

  // ViewerSink: parts of the source.
  Sent write(Bytes framed) override;
  void on_epoch(const Epoch& epoch) override;
  void on_no_stream() override;
  void want_writeable() override;
  std::size_t unsent_bytes() const override { return channel_.pending_bytes(); }
  void close(CloseCode code, std::string_view code_name) override;
  // PublisherSink: the derived stream.
  void on_ready() override;
  void send_text(const std::string&) override {}
  void close(const CloseReason& ending) override;
  void on_ended(const std::optional<Error>& error) override;

  RenditionHost& host_;
  codec::JobSpec spec_;
  const std::string derived_;
  const Format format_;
  bool encodes_;
  bool too_many_ = false;  // others are encoded: to be refused
  std::string source_;     // a stream's name

  ChildChannel channel_;
  codec::JobFrames frames_;
  bool wants_writeable_ = false;
  bool reading_ = false;

  std::optional<Viewer> viewer_;
  std::optional<PublisherId> publisher_;
  bool ready_ = false;
  bool published_ = false;                 // it was granted once: the derived stream is there
  std::optional<std::string> refusal_;     // came before the request was granted
  std::optional<codec::Instead> instead_;  // another source, of which worker or codecs tell
  bool made_ = false;                      // something of the origin
  bool broken_ = false;                    // to be begun anew
  bool done_ = false;                      // to be finished
  Time begin_from_{};
  unsigned failures_ = 0;  // since it last made something
  std::optional<Time> idle_since_;
  bool over_ = false;
};

}  // namespace framewire::relay
