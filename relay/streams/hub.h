// The relay of one loop: the streams whose home it is, the local streams its viewers read, and the
// connections' way in. The hubs of all loops form the relay; they speak to one another only by
// Loop::post().
//
//   publisher --request, publish--> Hub --> Stream (home) --> LocalStream --> viewers of this loop
//                                            `--post--> Hub of another loop --> LocalStream --> its
//                                            viewers
//   Directory (on loop 0): which loop is whose home
//
// Thread: its loop's. Any thread may call loop(), to post.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "relay/base/config.h"
#include "relay/base/loop.h"
#include "relay/base/metrics.h"
#include "relay/fanout/local_stream.h"
#include "relay/streams/capture.h"
#include "relay/streams/directory.h"
#include "relay/streams/event_log.h"
#include "relay/streams/loop_bus.h"
#include "relay/streams/rendition_provider.h"
#include "relay/streams/service.h"
#include "relay/streams/stream.h"

namespace framewire::relay {

class Hub;

// All hubs of one server, and what loop 0 keeps for them. Built before the loops run and immutable
// after, but for directory, events and metrics, which are loop 0's. `config` is that of the start.
struct Relay {
  explicit Relay(Config c) : config(std::move(c)) {}
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;
  const Config config;
  std::vector<std::unique_ptr<Hub>> hubs;
  std::unique_ptr<DirectoryDelegate> directory_port;
  std::unique_ptr<Directory> directory;
  std::unique_ptr<EventLog> events;
  Metrics metrics;
};

// Fills in all of it: one hub for each loop; the loops outlive the relay.
void make_hubs(Relay& relay, const std::vector<Loop*>& loops);

class Hub final : public StreamDelegate {
 public:
  Hub(Relay& relay, unsigned index, Loop& loop);
  ~Hub() override;
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // Viewers. An attached viewer must not move or die. attach() may call its sink before it returns.
  // expect() opens the local stream early: a viewer attached after it gets all that is published
  // from then on, even if the stream ends before. It holds until the next tick() that finds no
  // viewer.
  void expect(const std::string& stream) { local_stream_for(stream); }
  void attach(const std::string& stream, Viewer& viewer);
  void detach(Viewer& viewer);
  void on_writeable(Viewer& viewer);

  // Readers inside the process (relay/fanout/subscription.h); not counted but by readers_of().
  // subscribe() may call its subscriber before it returns.
  void subscribe(const std::string& stream, Subscription& subscription);
  void unsubscribe(Subscription& subscription);
  // Sets how many people watch through this subscription, which is attached. One count per local
  // stream: a second caller overwrites it.
  void set_proxied_viewers(const Subscription& subscription, std::size_t count) {
    subscription.local_stream->set_proxied_viewers(count);
  }

  // A viewer here, or a part of the server, would have use for a group of the stream that begins
  // now, unless the newest one is younger than so. Its publisher may be asked for one.
  void want_keyframe(const std::string& stream, Duration older_than = Duration{0});

  // This viewer's picture took so long from its capture to the screen.
  void note_delay(const Viewer& viewer, double seconds);

  // Publishers. request_publish() numbers the connection. The sink gets on_ready() or close() in a
  // later turn, never within request_publish(). Call leave() even after close() or on_ended(); the
  // sink lives until then.
  PublisherId request_publish(std::string stream, PublishFraming framing, PublishHello hello,
                              std::optional<std::string> resume_token, PublisherSink& sink);
  void publish(PublisherId publisher, Bytes bytes);
  void leave(PublisherId publisher, PublisherExit how);
  // What the link of another server's stream brings, whose home is this loop.
  void take_link(PublisherId publisher, const std::string& stream, const LinkEvents& events);
  // All was sent: the stream ends, the sink is told by on_ended(), and then leaves.
  void end(PublisherId publisher);

  // The side channel. Whoever speaks is told what it is called (`sender`), and what became of a
  // text that could not be passed on.
  void send_side_text(Viewer& viewer, SideText text);
  void send_side_text(PublisherId publisher, SideText text);
  // By way of a link: said on another server, by whom that calls so.
  void pass_side_text(Viewer& link, std::string sender, SideText text);
  void mute(PublisherId publisher, MuteMessage mute);
  // By a viewer who may moderate the stream that it watches.
  void moderate(const Viewer& viewer, ChatOrder order);
  // What its stream is called from now on: told to all viewers, those of derived renditions too.
  void set_title(PublisherId publisher, std::string title);
  // Its pictures stand still, or move again: told to the same. Nothing is kept of it.
  void report_still(PublisherId publisher, bool still);

  // The loop's thread has ended: another one may take what is left down.
  void leave_thread() { thread_ = {}; }

  // At the end of each turn of the loop: all that was cut goes to all that can take it. False: a
  // turn's worth is written, and there is more.
  bool flush();
  // A few times a second.
  void tick();

  // What the set_...() below install is called from the loop; call them before it runs. Each that
  // dies before the hub resets its pointer first. A stream keeps the recorder it began with.
  //
  // Derived renditions (relay/streams/rendition_provider.h). Without a provider none is made.
  void set_rendition_provider(RenditionProvider* provider);
  // The provider's answers: it cannot; or it could, and now cannot go on. why: a sentence for the
  // viewers.
  void not_derived(const std::string& derived) {
    bus_.to_directory([derived](Directory& d) { d.not_derived(derived); });
  }
  void refuse_viewers(const std::string& derived, const std::string& why);
  // What is made of a stream at home here lacks something; why: a sentence.
  void warn(const std::string& stream, const std::string& code, const std::string& why);
  bool is_home_of(const std::string& stream) const { return streams_.count(stream) > 0; }
  // How many read a stream whose home this is, on all loops: viewers, and what of the server makes
  // something of it.
  std::size_t readers_of(const std::string& stream) const;

  // Lossless captures (relay/streams/capture.h). Without writers none can be made.
  void set_capture_writers(CaptureWriterFactory* capture_writers) {
    capture_writers_ = capture_writers;
  }

  // Recordings. Without a recorder none is made.
  void set_recorder(StreamRecorder* recorder) { recorder_ = recorder; }
  enum class Recordable { yes, no_stream, no_recorder };
  // Starts or ends a stream's recording; calls back on this loop.
  void record(const std::string& stream, bool on, std::function<void(Recordable)> callback);

  // What an operator asks of a stream, wherever its home is. Runs there with the stream, then calls
  // back on this loop; false: there is none.
  void at_stream(const std::string& stream, std::function<void(Hub&, Stream&)> task,
                 std::function<void(bool found)> callback);
  // The same on whichever server has it. taken: false if Stream::obey() is; of one that another
  // server has it is not known, and true.
  void order_stream(const std::string& stream, StreamOrder order,
                    std::function<void(bool found, bool taken)> callback);
  // On this hub, whose stream it is or is not.
  void obey(const std::string& stream, const StreamOrder& order);
  // A name of this one's is another server's now.
  void lose_stream(const std::string& stream, const std::string& url);
  // Of a viewer that is another server: so many more watch through it than are attached here.
  void add_linked_viewers(const Viewer& link, std::ptrdiff_t more) {
    link.local_stream->add_linked_viewers(more);
  }

  // Calls back on this loop with what loop 0 knows.
  void list_streams(std::function<void(std::vector<StreamSummary>)> callback);
  // Of streams and derived renditions by name; nullopt: there is none. Asking starts no rendition.
  using Found = std::vector<std::optional<StreamSummary>>;
  void find_streams(std::vector<std::string> names, std::function<void(Found)> callback);
  // Of a stream that is published on this server, and not fetched from another one.
  void find_home(const std::string& stream,
                 std::function<void(std::optional<StreamSummary>)> callback);
  void render_metrics(std::function<void(std::string)> callback);

  // For one speaker alone, whichever loop it is on.
  void to_speaker(SpeakerId speaker, std::string json) override;

  // Told to those who follow events. Events of one loop keep their order.
  void announce(Event event) override;
  // Somebody was refused for the limit of this option; told at most each 10 s.
  void limit_reached(const std::string& option, const std::string& stream);

  // The hub's own; or somebody else's, who removes it before it ends.
  void add(std::unique_ptr<Service> service);
  void add(Service& service) { services_.push_back(&service); }
  void remove(Service& service) { std::erase(services_, &service); }

  LoopCounters& counters() { return counters_; }
  // This loop's own copy, which reconfigure() changes.
  const Config& config() const { return config_; }
  // What the operator may change while the server runs, as Server::reload() says.
  void reconfigure(const Config& fresh);
  Loop& loop() { return loop_; }
  const LoopBus& bus() const { return bus_; }
  unsigned index() const { return index_; }

  // What other hubs and the directory post here.
  void open_stream(const PublishRequest& request, const Remotes& local_streams);
  void on_publish_request(const PublishRequest& request);
  void refuse_request(const PublishRequest& request, const CloseReason& ending);
  void add_local_stream(const std::string& stream, LocalStreamId id);
  void remove_local_stream(const std::string& stream, LocalStreamId id);
  void nobody(const std::string& stream, LocalStreamId id);
  void request_rendition(const std::string& derived);
  // To the connection of this number, if it is still here.
  void take(std::uint64_t number, const PublisherEvent& event);

 private:
  struct Link {  // a publisher's connection on this loop
    PublisherSink* sink = nullptr;
    std::string stream;
    PublishFraming framing = PublishFraming::bare;
    std::optional<unsigned> home;  // once the request is granted
    std::vector<Buffer> early;     // came before the answer
    std::size_t early_bytes = 0;
    bool ended_early = false;  // so did its end
    // On their way to a home on another loop: what is not there yet, and whether its connection is
    // not read from because of that, or because its stream wants it so.
    std::size_t bytes_under_way = 0;
    bool held_by_way = false;
    bool held_by_stream = false;
  };

  // Asserts that this is the loop's thread: the first that asks, until leave_thread().
  void check_thread();
  void note_load();
  LocalStream& local_stream_for(const std::string& stream);
  LocalStream& local_stream_to_read(const std::string& stream);
  LocalStream* local_stream_at(const std::string& stream, LocalStreamId id);
  void attach_to(const std::string& stream, Viewer& viewer);
  bool move_to_derived(Viewer& viewer);
  void at_home(const LocalStream& local_stream, std::function<void(Stream&)> task);
  void drop_local_stream_if_idle(const std::string& stream);
  void end_streams();
  void count_derived();
  void receive(const std::string& stream, PublisherId from, Bytes bytes);
  void keep_early(Link& link, Bytes bytes);
  void send_home(Link& link, PublisherId publisher, Bytes bytes);
  void arrived(std::uint64_t number, std::size_t bytes);
  void hold(Link& link, bool Link::*why, bool on);
  void set_title_here(const std::string& stream, PublisherId publisher, const std::string& title);
  void report_still_here(const std::string& stream, PublisherId publisher, bool still);
  bool obey_here(Stream& stream, const StreamOrder& order);
  void broadcast_to_derived(const std::string& stream, const std::string& json);
  void send_side_text_at(unsigned home, const std::string& stream, SpeakerId from, SideText text);
  void depart(unsigned home, const std::string& stream, PublisherId publisher, PublisherExit how);
  void count_publisher(const Link& link, int change);
  LoopCounters counted() const;

  void on_granted(std::uint64_t number, const PublishGranted& granted);

  // StreamDelegate: what the streams at home here send out.
  void to_local_streams(const Remotes& to, const std::string& stream, StreamEvent event) override;
  void to_publisher(PublisherId publisher, PublisherEvent event) override;
  void to_directory(StreamSummary summary) override;
  CaptureWriterFactory* capture_writers() override { return capture_writers_; }
  Time now() const override { return loop_.now(); }

  Relay& relay_;
  const LoopBus bus_;
  Config config_;
  const unsigned index_;
  Loop& loop_;
  LoopCounters counters_;
  FanoutContext context_;
  RenditionProvider* rendition_provider_ = nullptr;
  CaptureWriterFactory* capture_writers_ = nullptr;
  StreamRecorder* recorder_ = nullptr;
  std::unordered_map<std::string, std::unique_ptr<LocalStream>> local_streams_;
  std::unordered_map<std::string, std::unique_ptr<Stream>> streams_;
  std::unordered_map<std::uint64_t, Link> links_;
  std::unordered_map<std::uint64_t, Viewer*> senders_;  // viewers that have said something
  std::vector<Service*> services_;
  std::vector<std::unique_ptr<Service>>
      own_services_;                         // after streams and local streams: they go first
  std::map<std::string, Time> limits_told_;  // by option
  std::uint64_t last_number_ = 0;
  std::thread::id thread_;
  bool stream_ended_ = false;  // since the last flush
  Time told_metrics_{};
  Time all_flushed_{};  // when nothing was left to hand on
};

}  // namespace framewire::relay
