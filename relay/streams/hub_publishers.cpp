// A hub's publishers: what comes on their connections, and its way to their streams' homes.
#include <fmt/format.h>

#include <utility>

#include "relay/base/stream_name.h"
#include "relay/streams/hub.h"

namespace framewire::relay {

PublisherId Hub::request_publish(std::string stream, PublishFraming framing, PublishHello hello,
                                 std::optional<std::string> resume_token, PublisherSink& sink) {
  const PublisherId id{index_, ++last_number_};
  Link& link = links_[id.number];
  link.sink = &sink;
  link.stream = stream;
  link.framing = framing;
  count_publisher(link, 1);
  PublishRequest request{std::move(stream), id, framing, std::move(hello), std::move(resume_token),
                         sink.described()};
  bus_.to_directory([request = std::move(request)](Directory& d) { d.request(request); });
  return id;
}

void Hub::publish(PublisherId publisher, Bytes bytes) {
  check_thread();
  const auto found = links_.find(publisher.number);
  if (found == links_.end()) return;
  Link& link = found->second;
  if (!link.home)
    keep_early(link, bytes);
  else if (*link.home == index_)
    receive(link.stream, publisher, bytes);
  else
    send_home(link, publisher, bytes);
}

// A connection is not read from before its request is answered: what comes even so is what came
// with the request, a message at most.
void Hub::keep_early(Link& link, Bytes bytes) {
  link.early_bytes += bytes.size();
  if (link.early_bytes > config_.limits.message_bytes) {
    link.early.clear();
    link.sink->close(close_reason_for(
        {Errc::limit_exceeded, fmt::format("more than {} bytes came before the stream was granted",
                                           config_.limits.message_bytes)}));
    return;
  }
  link.early.emplace_back(bytes.begin(), bytes.end());
}

// A publisher that came back may be on another loop than its stream. That one may be slower than
// what comes: the connection then waits for it, so that no more than so much is under way.
void Hub::send_home(Link& link, PublisherId publisher, Bytes bytes) {
  link.bytes_under_way += bytes.size();
  bus_.to_hub(*link.home, [stream = link.stream, publisher,
                           copy = Buffer{bytes.begin(), bytes.end()}](Hub& hub) {
    hub.receive(stream, publisher, copy);
    hub.bus_.to_hub(publisher.loop, [number = publisher.number, size = copy.size()](Hub& back) {
      back.arrived(number, size);
    });
  });
  if (link.bytes_under_way > config_.unacked_bytes) hold(link, &Link::held_by_way, true);
}

void Hub::arrived(std::uint64_t number, std::size_t bytes) {
  const auto found = links_.find(number);
  if (found == links_.end()) return;
  Link& link = found->second;
  link.bytes_under_way -= bytes;
  if (link.bytes_under_way <= config_.unacked_bytes / 2) hold(link, &Link::held_by_way, false);
}

void Hub::hold(Link& link, bool Link::*why, bool on) {
  const bool before = link.held_by_way || link.held_by_stream;
  link.*why = on;
  const bool now = link.held_by_way || link.held_by_stream;
  if (now != before) link.sink->hold(now);
}

void Hub::receive(const std::string& stream, PublisherId from, Bytes bytes) {
  check_thread();
  const Doing doing{index_, "receive", stream};
  const auto found = streams_.find(stream);
  if (found != streams_.end()) found->second->receive(from, bytes);
}

void Hub::leave(PublisherId publisher, PublisherExit how) {
  const auto found = links_.find(publisher.number);
  if (found == links_.end()) return;
  const Link link = std::move(found->second);
  links_.erase(found);
  count_publisher(link, -1);
  if (link.home) depart(*link.home, link.stream, publisher, how);
}

void Hub::end(PublisherId publisher) {
  const auto found = links_.find(publisher.number);
  if (found == links_.end()) return;
  Link& link = found->second;
  if (link.home)
    depart(*link.home, link.stream, publisher, PublisherExit::finished);
  else
    link.ended_early = true;
}

void Hub::depart(unsigned home, const std::string& stream, PublisherId publisher,
                 PublisherExit how) {
  bus_.to_hub(home, [stream, publisher, how](Hub& hub) {
    const auto found = hub.streams_.find(stream);
    if (found != hub.streams_.end()) found->second->leave(publisher, how);
  });
}

// What makes a derived rendition here is no publisher to people.
void Hub::count_publisher(const Link& link, int change) {
  if (is_derived(link.stream)) return;
  auto& now = link.framing == PublishFraming::http ? counters_.publishers_now.http
                                                   : counters_.publishers_now.ws;
  now += static_cast<std::uint64_t>(change);
}

void Hub::on_granted(std::uint64_t number, const PublishGranted& granted) {
  const auto found = links_.find(number);
  if (found == links_.end()) {  // it left before the answer came
    depart(granted.home, granted.stream, {index_, number}, PublisherExit::lost);
    return;
  }
  Link& link = found->second;
  link.home = granted.home;
  link.sink->on_ready();
  for (const Buffer& bytes : std::exchange(link.early, {})) publish({index_, number}, bytes);
  if (link.ended_early)
    depart(granted.home, granted.stream, {index_, number}, PublisherExit::finished);
}

}  // namespace framewire::relay
