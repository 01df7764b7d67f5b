#include "relay/streams/hub.h"

#include <utility>

#include "relay/base/stream_name.h"
#include "relay/fanout/messages.h"

namespace framewire::relay {
namespace {

constexpr Duration kMetricsEvery{1'000};
constexpr Duration kOverloadedAfter{100};

// The directory's decisions, carried to the hubs.
class PostingDirectoryPort final : public DirectoryDelegate {
 public:
  explicit PostingDirectoryPort(Relay& relay) : bus_(relay) {}
  void open_stream(const PublishRequest& request, Remotes local_streams) override {
    bus_.to_hub(request.publisher.loop, [request, local_streams = std::move(local_streams)](
                                            Hub& hub) { hub.open_stream(request, local_streams); });
  }
  void forward_request(unsigned home, const PublishRequest& request) override {
    bus_.to_hub(home, [request](Hub& hub) { hub.on_publish_request(request); });
  }
  void refuse_request(const PublishRequest& request, CloseReason ending) override {
    bus_.to_hub(request.publisher.loop, [request, ending = std::move(ending)](Hub& hub) {
      hub.refuse_request(request, ending);
    });
  }
  void add_local_stream(unsigned home, const std::string& stream, LocalStreamId id) override {
    bus_.to_hub(home, [stream, id](Hub& hub) { hub.add_local_stream(stream, id); });
  }
  void remove_local_stream(unsigned home, const std::string& stream, LocalStreamId id) override {
    bus_.to_hub(home, [stream, id](Hub& hub) { hub.remove_local_stream(stream, id); });
  }
  void nobody(LocalStreamId id, const std::string& stream) override {
    bus_.to_hub(id.loop, [stream, id](Hub& hub) { hub.nobody(stream, id); });
  }
  void request_rendition(unsigned home, const std::string& derived) override {
    bus_.to_hub(home, [derived](Hub& hub) { hub.request_rendition(derived); });
  }

 private:
  const LoopBus bus_;
};

}  // namespace

void make_hubs(Relay& relay, const std::vector<Loop*>& loops) {
  for (unsigned i = 0; i < loops.size(); ++i)
    relay.hubs.push_back(std::make_unique<Hub>(relay, i, *loops[i]));
  relay.directory_port = std::make_unique<PostingDirectoryPort>(relay);
  relay.events = std::make_unique<EventLog>(relay.config.event_history, relay.config.event_sink,
                                            wall_clock_us());
  relay.events->append({"server-start", "", ""});
  relay.directory = std::make_unique<Directory>(relay.config.max_streams, *relay.directory_port);
}

Hub::Hub(Relay& relay, unsigned index, Loop& loop)
    : relay_(relay),
      bus_(relay),
      config_(relay.config),
      index_(index),
      loop_(loop),
      context_{config_, counters_, {}} {
  context_.sender = loop.batch_sender();
  context_.want_keyframe = [this](const std::string& stream, Duration older_than) {
    want_keyframe(stream, older_than);
  };
}

Hub::~Hub() = default;

void Hub::check_thread() {
  const auto caller = std::this_thread::get_id();
  if (thread_ == std::thread::id{}) thread_ = caller;
  FW_ASSERT(thread_ == caller);
}

// ---- viewers

LocalStream& Hub::local_stream_for(const std::string& stream) {
  auto& local_stream = local_streams_[stream];
  if (!local_stream) {
    local_stream =
        std::make_unique<LocalStream>(context_, stream, LocalStreamId{index_, ++last_number_});
    bus_.to_directory([stream, id = local_stream->id()](Directory& d) { d.watch(stream, id); });
  }
  return *local_stream;
}

// Null: it is gone.
LocalStream* Hub::local_stream_at(const std::string& stream, LocalStreamId id) {
  const auto found = local_streams_.find(stream);
  return found != local_streams_.end() && found->second->id() == id ? found->second.get() : nullptr;
}

void Hub::drop_local_stream_if_idle(const std::string& stream) {
  const auto found = local_streams_.find(stream);
  if (found == local_streams_.end() || found->second->attached() > 0 || streams_.count(stream) > 0)
    return;
  bus_.to_directory([stream, id = found->second->id()](Directory& d) { d.unwatch(stream, id); });
  local_streams_.erase(found);
}

void Hub::attach(const std::string& stream, Viewer& viewer) {
  check_thread();
  const Doing doing{index_, "attach", stream};
  if (!viewer.internal)
    ++(is_http(viewer.framing) ? counters_.viewers_now.http : counters_.viewers_now.ws);
  attach_to(stream, viewer);
}

LocalStream& Hub::local_stream_to_read(const std::string& stream) {
  LocalStream& local_stream = local_stream_for(stream);
  // One that has just ended, and whose local stream is still here: it is to be made, or fetched,
  // again.
  const bool may_be_made_again = is_derived(stream) || relay_.config.cluster.on();
  if (may_be_made_again && local_stream.state() == StreamState::no_publisher)
    bus_.to_directory([stream, id = local_stream.id()](Directory& d) { d.watch(stream, id); });
  return local_stream;
}

void Hub::attach_to(const std::string& stream, Viewer& viewer) {
  LocalStream& local_stream = local_stream_to_read(stream);
  viewer.local_stream = &local_stream;
  local_stream.attach(viewer, now());
}

void Hub::detach(Viewer& viewer) {
  check_thread();
  LocalStream* local_stream = std::exchange(viewer.local_stream, nullptr);
  FW_ASSERT(local_stream);
  const Doing doing{index_, "detach", local_stream->stream()};
  if (!viewer.internal)
    --(is_http(viewer.framing) ? counters_.viewers_now.http : counters_.viewers_now.ws);
  local_stream->detach(viewer);
  if (viewer.speaker != 0) senders_.erase(std::exchange(viewer.speaker, 0));
}

void Hub::subscribe(const std::string& stream, Subscription& subscription) {
  check_thread();
  const Doing doing{index_, "subscribe", stream};
  subscription.local_stream = &local_stream_to_read(stream);
  subscription.local_stream->attach(subscription);
}

void Hub::unsubscribe(Subscription& subscription) {
  check_thread();
  LocalStream* local_stream = std::exchange(subscription.local_stream, nullptr);
  FW_ASSERT(local_stream);
  local_stream->detach(subscription);
}

void Hub::on_writeable(Viewer& viewer) {
  check_thread();
  const Doing doing{index_, "on_writeable", viewer.local_stream->stream()};
  viewer.local_stream->fanout(viewer.rendition).on_writeable(viewer, now());
}

// Who makes a derived rendition wants them itself.
void Hub::want_keyframe(const std::string& stream, Duration older_than) {
  if (is_derived(stream)) return;
  const auto want = [older_than](Stream& at) { at.want_keyframe(older_than); };
  if (const auto here = streams_.find(stream); here != streams_.end())
    want(*here->second);
  else if (const auto local_stream = local_streams_.find(stream);
           local_stream != local_streams_.end())
    at_home(*local_stream->second, want);
}

void Hub::note_delay(const Viewer& viewer, double seconds) {
  at_home(*viewer.local_stream, [seconds](Stream& at) { at.note_delay(seconds); });
}

void Hub::at_home(const LocalStream& local_stream, std::function<void(Stream&)> task) {
  if (!local_stream.home()) return;
  bus_.to_hub(*local_stream.home(),
              [stream = local_stream.stream(), task = std::move(task)](Hub& hub) {
                const auto found = hub.streams_.find(stream);
                if (found != hub.streams_.end()) task(*found->second);
              });
}

// ---- derived renditions

void Hub::set_rendition_provider(RenditionProvider* provider) {
  rendition_provider_ = provider;
  if (provider)
    context_.move_to_derived = [this](Viewer& viewer) { return move_to_derived(viewer); };
}

bool Hub::move_to_derived(Viewer& viewer) {
  if (is_derived(viewer.local_stream->stream())) return false;
  const std::string derived =
      derived_name(viewer.local_stream->stream(), rendition_name(viewer.rendition));
  viewer.local_stream->detach(viewer);
  viewer.forget_cursor();
  attach_to(derived, viewer);
  return true;
}

void Hub::request_rendition(const std::string& derived) {
  const std::string origin{origin_of(derived)};
  if (!rendition_provider_ || streams_.count(origin) == 0)
    not_derived(derived);
  else
    rendition_provider_->request_rendition(origin, std::string{output_of(derived)});
}

void Hub::refuse_viewers(const std::string& derived, const std::string& why) {
  const auto found = streams_.find(derived);
  if (found != streams_.end()) found->second->refuse_viewers(why);
}

void Hub::warn(const std::string& stream, const std::string& code, const std::string& why) {
  const auto found = streams_.find(stream);
  if (found != streams_.end()) found->second->warn(code, why);
}

std::size_t Hub::readers_of(const std::string& stream) const {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? 0 : found->second->attendance().all;
}

// ---- services

void Hub::add(std::unique_ptr<Service> service) {
  add(*service);
  own_services_.push_back(std::move(service));
}

// ---- time

bool Hub::flush() {
  check_thread();
  // Most turns bring parts to a few streams of many, or to none.
  if (relay_.hubs.size() > 1 && !context_.unflushed.empty())
    for (auto& [name, stream] : streams_) stream->flush();
  if (std::exchange(stream_ended_, false)) end_streams();
  auto& unflushed = context_.unflushed;
  context_.turn_left = config_.turn_bytes;
  for (std::size_t i = unflushed.size(); i > 0 && context_.turn_left > 0; --i) {
    LocalStream& local_stream = *unflushed.front();
    unflushed.pop_front();
    local_stream.taken();
    const Doing doing{index_, "flush", local_stream.stream()};
    if (!local_stream.flush(now())) local_stream.want_flush();
  }
  context_.turn_left = config_.turn_bytes;  // for those whose sockets have room again
  note_load();
  return unflushed.empty();
}

// A loop that is never done with handing on carries more than it can.
void Hub::note_load() {
  if (context_.unflushed.empty()) {
    all_flushed_ = now();
  } else if (now() - all_flushed_ > kOverloadedAfter) {
    context_.overloaded_until = now() + kOverloadLasts;
  }
}

void Hub::tick() {
  check_thread();
  const Doing doing{index_, "tick"};
  for (Service* service : services_) service->tick();
  count_derived();
  for (auto& [name, stream] : streams_) stream->tick(now());
  std::vector<std::string> idle;
  for (auto& [name, local_stream] : local_streams_) {
    local_stream->tick(now());
    const Attendance attendance = local_stream->attendance();
    if (attendance.all == 0) idle.push_back(name);
    if (attendance != local_stream->reported && local_stream->home() &&
        *local_stream->home() != index_) {
      local_stream->reported = attendance;
      bus_.to_hub(*local_stream->home(), [stream = name, loop = index_, attendance](Hub& hub) {
        const auto found = hub.streams_.find(stream);
        if (found != hub.streams_.end()) found->second->set_attendance(loop, attendance);
      });
    }
  }
  for (const std::string& name : idle) drop_local_stream_if_idle(name);
  if (now() - told_metrics_ >= kMetricsEvery) {
    told_metrics_ = now();
    bus_.to_metrics(
        [index = index_, counted = counted()](Metrics& m) { m.update(index, counted); });
  }
}

// Who watches a derived rendition watches its stream.
void Hub::count_derived() {
  for (auto& [name, stream] : streams_) stream->set_derived_viewers(0);
  for (auto& [name, stream] : streams_) {
    if (!is_derived(name)) continue;
    if (const auto origin = streams_.find(std::string{origin_of(name)}); origin != streams_.end())
      origin->second->set_derived_viewers(origin->second->derived_viewers() + stream->viewers());
  }
}

void Hub::end_streams() {
  for (auto at = streams_.begin(); at != streams_.end();) {
    if (!at->second->ended()) {
      ++at;
      continue;
    }
    bus_.to_directory([stream = at->first](Directory& d) { d.release(stream); });
    if (!is_derived(at->first) && !at->second->linked())
      for (Service* service : services_) service->on_stream_end(at->first);
    const auto local_stream = local_streams_.find(at->first);
    const bool may_be_made_again = is_derived(at->first) || relay_.config.cluster.on();
    if (may_be_made_again && local_stream != local_streams_.end() &&
        local_stream->second->attached() > 0)
      bus_.to_directory([stream = at->first, id = local_stream->second->id()](Directory& d) {
        d.watch(stream, id);
      });
    at = streams_.erase(at);
  }
}

LoopCounters Hub::counted() const {
  LoopCounters out = counters_;
  out.streams_now = 0;
  for (const auto& [name, stream] : streams_) out.streams_now += is_derived(name) ? 0 : 1;
  out.ring_bytes_now = 0;
  for (const auto& [name, local_stream] : local_streams_)
    out.ring_bytes_now += local_stream->ring_bytes();
  return out;
}

void Hub::list_streams(std::function<void(std::vector<StreamSummary>)> callback) {
  bus_.to_directory([bus = bus_, index = index_, callback = std::move(callback)](Directory& d) {
    bus.to_hub(index, [callback, streams = d.summaries()](Hub&) { callback(streams); });
  });
}

void Hub::find_streams(std::vector<std::string> names, std::function<void(Found)> callback) {
  bus_.to_directory([bus = bus_, index = index_, names = std::move(names),
                     callback = std::move(callback)](Directory& d) {
    Found found;
    for (const std::string& name : names) found.push_back(d.summary(name));
    bus.to_hub(index, [callback, found = std::move(found)](Hub&) { callback(found); });
  });
}

void Hub::find_home(const std::string& stream,
                    std::function<void(std::optional<StreamSummary>)> callback) {
  bus_.to_directory(
      [bus = bus_, index = index_, stream, callback = std::move(callback)](Directory& d) {
        auto found = d.home(stream) && !d.is_linked(stream) ? d.summary(stream) : std::nullopt;
        bus.to_hub(index, [callback, found = std::move(found)](Hub&) { callback(found); });
      });
}

void Hub::render_metrics(std::function<void(std::string)> callback) {
  bus_.to_metrics([bus = bus_, index = index_, counted = counted(),
                   callback = std::move(callback)](Metrics& metrics) {
    metrics.update(index, counted);
    bus.to_hub(index, [callback, text = metrics.render()](Hub&) { callback(text); });
  });
}

}  // namespace framewire::relay
