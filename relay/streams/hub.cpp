#include "relay/streams/hub.h"

#include <utility>

#include "relay/base/stream_name.h"
#include "relay/fanout/messages.h"

namespace framewire::relay {
namespace {

constexpr Duration kMetricsEvery{1'000};
constexpr Duration kOverloadedAfter{100};

// The directory's decisions, carried to the hubs.
class PostingDirectoryPort final : public DirectoryPort {
 public:
  explicit PostingDirectoryPort(Relay& relay) : bus_(relay) {}
  void open_stream(const Claim& claim, Remotes mirrors) override {
    bus_.to_hub(claim.publisher.loop, [claim, mirrors = std::move(mirrors)](Hub& hub) {
      hub.open_stream(claim, mirrors);
    });
  }
  void forward_claim(unsigned home, const Claim& claim) override {
    bus_.to_hub(home, [claim](Hub& hub) { hub.take_claim(claim); });
  }
  void refuse_claim(const Claim& claim, Ending ending) override {
    bus_.to_hub(claim.publisher.loop,
                [claim, ending = std::move(ending)](Hub& hub) { hub.refuse_claim(claim, ending); });
  }
  void add_mirror(unsigned home, const std::string& stream, MirrorId id) override {
    bus_.to_hub(home, [stream, id](Hub& hub) { hub.add_mirror(stream, id); });
  }
  void remove_mirror(unsigned home, const std::string& stream, MirrorId id) override {
    bus_.to_hub(home, [stream, id](Hub& hub) { hub.remove_mirror(stream, id); });
  }
  void nobody(MirrorId id, const std::string& stream) override {
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

Mirror& Hub::mirror_for(const std::string& stream) {
  auto& mirror = mirrors_[stream];
  if (!mirror) {
    mirror = std::make_unique<Mirror>(context_, stream, MirrorId{index_, ++last_number_});
    bus_.to_directory([stream, id = mirror->id()](Directory& d) { d.watch(stream, id); });
  }
  return *mirror;
}

// Null: it is gone.
Mirror* Hub::mirror_at(const std::string& stream, MirrorId id) {
  const auto found = mirrors_.find(stream);
  return found != mirrors_.end() && found->second->id() == id ? found->second.get() : nullptr;
}

void Hub::drop_mirror_if_idle(const std::string& stream) {
  const auto found = mirrors_.find(stream);
  if (found == mirrors_.end() || found->second->attached() > 0 || streams_.count(stream) > 0)
    return;
  bus_.to_directory([stream, id = found->second->id()](Directory& d) { d.unwatch(stream, id); });
  mirrors_.erase(found);
}

void Hub::attach(const std::string& stream, Viewer& viewer) {
  check_thread();
  const Doing doing{index_, "attach", stream};
  if (viewer.audience)
    ++(is_http(viewer.framing) ? counters_.viewers_now.http : counters_.viewers_now.ws);
  attach_to(stream, viewer);
}

Mirror& Hub::mirror_to_read(const std::string& stream) {
  Mirror& mirror = mirror_for(stream);
  // One that has just ended, and whose mirror is still here: it is to be made again.
  if (is_derived(stream) && mirror.state() == StreamState::no_publisher)
    bus_.to_directory([stream, id = mirror.id()](Directory& d) { d.watch(stream, id); });
  return mirror;
}

void Hub::attach_to(const std::string& stream, Viewer& viewer) {
  Mirror& mirror = mirror_to_read(stream);
  viewer.mirror = &mirror;
  mirror.attach(viewer, now());
}

void Hub::detach(Viewer& viewer) {
  check_thread();
  Mirror* mirror = std::exchange(viewer.mirror, nullptr);
  FW_ASSERT(mirror);
  const Doing doing{index_, "detach", mirror->stream()};
  if (viewer.audience)
    --(is_http(viewer.framing) ? counters_.viewers_now.http : counters_.viewers_now.ws);
  mirror->detach(viewer);
  if (viewer.speaker != 0) talkers_.erase(std::exchange(viewer.speaker, 0));
}

void Hub::subscribe(const std::string& stream, Subscription& subscription) {
  check_thread();
  const Doing doing{index_, "subscribe", stream};
  subscription.mirror = &mirror_to_read(stream);
  subscription.mirror->attach(subscription);
}

void Hub::unsubscribe(Subscription& subscription) {
  check_thread();
  Mirror* mirror = std::exchange(subscription.mirror, nullptr);
  FW_ASSERT(mirror);
  mirror->detach(subscription);
}

void Hub::on_writeable(Viewer& viewer) {
  check_thread();
  const Doing doing{index_, "on_writeable", viewer.mirror->stream()};
  viewer.mirror->fanout(viewer.rendition).on_writeable(viewer, now());
}

// Who makes a derived rendition wants them itself.
void Hub::want_keyframe(const std::string& stream, Duration older_than) {
  if (is_derived(stream)) return;
  const auto want = [older_than](Stream& at) { at.want_keyframe(older_than); };
  if (const auto here = streams_.find(stream); here != streams_.end())
    want(*here->second);
  else if (const auto mirror = mirrors_.find(stream); mirror != mirrors_.end())
    at_home(*mirror->second, want);
}

void Hub::note_delay(const Viewer& viewer, double seconds) {
  at_home(*viewer.mirror, [seconds](Stream& at) { at.note_delay(seconds); });
}

void Hub::at_home(const Mirror& mirror, std::function<void(Stream&)> task) {
  if (!mirror.home()) return;
  bus_.to_hub(*mirror.home(), [stream = mirror.stream(), task = std::move(task)](Hub& hub) {
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
  if (is_derived(viewer.mirror->stream())) return false;
  const std::string derived =
      derived_name(viewer.mirror->stream(), rendition_name(viewer.rendition));
  viewer.mirror->detach(viewer);
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
    Mirror& mirror = *unflushed.front();
    unflushed.pop_front();
    mirror.taken();
    const Doing doing{index_, "flush", mirror.stream()};
    if (!mirror.flush(now())) mirror.want_flush();
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
  for (auto& [name, mirror] : mirrors_) {
    mirror->tick(now());
    const Attendance attendance = mirror->attendance();
    if (attendance.all == 0) idle.push_back(name);
    if (attendance != mirror->reported && mirror->home() && *mirror->home() != index_) {
      mirror->reported = attendance;
      bus_.to_hub(*mirror->home(), [stream = name, loop = index_, attendance](Hub& hub) {
        const auto found = hub.streams_.find(stream);
        if (found != hub.streams_.end()) found->second->set_attendance(loop, attendance);
      });
    }
  }
  for (const std::string& name : idle) drop_mirror_if_idle(name);
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
    if (!is_derived(at->first))
      for (Service* service : services_) service->on_stream_end(at->first);
    const auto mirror = mirrors_.find(at->first);
    if (is_derived(at->first) && mirror != mirrors_.end() && mirror->second->attached() > 0)
      bus_.to_directory(
          [stream = at->first, id = mirror->second->id()](Directory& d) { d.watch(stream, id); });
    at = streams_.erase(at);
  }
}

LoopCounters Hub::counted() const {
  LoopCounters out = counters_;
  out.streams_now = 0;
  for (const auto& [name, stream] : streams_) out.streams_now += is_derived(name) ? 0 : 1;
  out.ring_bytes_now = 0;
  for (const auto& [name, mirror] : mirrors_) out.ring_bytes_now += mirror->ring_bytes();
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

void Hub::render_metrics(std::function<void(std::string)> callback) {
  bus_.to_metrics([bus = bus_, index = index_, counted = counted(),
                   callback = std::move(callback)](Metrics& metrics) {
    metrics.update(index, counted);
    bus.to_hub(index, [callback, text = metrics.render()](Hub&) { callback(text); });
  });
}

}  // namespace framewire::relay
