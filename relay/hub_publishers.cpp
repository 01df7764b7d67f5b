// A hub's publishers: what comes on their connections, and its way to their streams' homes.
#include <utility>

#include "relay/hub.h"

namespace framewire::relay {

PublisherId Hub::claim(std::string stream, Push push, PublishHello hello,
                       std::optional<std::string> resume_token, PublisherSink& sink) {
  const PublisherId id{index_, ++last_number_};
  links_[id.number] = {&sink, stream, push, std::nullopt, {}, false};
  ++publishers_now(push);
  Claim claim{std::move(stream), id, push, std::move(hello), std::move(resume_token)};
  with_directory([claim = std::move(claim)](Directory& d) { d.claim(claim); });
  return id;
}

void Hub::publish(PublisherId publisher, Bytes bytes) {
  check_thread();
  const auto found = links_.find(publisher.number);
  if (found == links_.end()) return;
  Link& link = found->second;
  if (!link.home) {
    link.early.emplace_back(bytes.begin(), bytes.end());
  } else if (*link.home == index_) {
    receive(link.stream, publisher, bytes);
  } else {
    post_to(*link.home,
            [stream = link.stream, publisher, copy = Buffer{bytes.begin(), bytes.end()}](Hub& hub) {
              hub.receive(stream, publisher, copy);
            });
  }
}

void Hub::receive(const std::string& stream, PublisherId from, Bytes bytes) {
  check_thread();
  const Doing doing{index_, "receive", stream};
  const auto found = streams_.find(stream);
  if (found != streams_.end()) found->second->receive(from, bytes);
}

void Hub::leave(PublisherId publisher, Departure how) {
  const auto found = links_.find(publisher.number);
  if (found == links_.end()) return;
  const Link link = std::move(found->second);
  links_.erase(found);
  --publishers_now(link.push);
  if (link.home) depart(*link.home, link.stream, publisher, how);
}

void Hub::end(PublisherId publisher) {
  const auto found = links_.find(publisher.number);
  if (found == links_.end()) return;
  Link& link = found->second;
  if (link.home)
    depart(*link.home, link.stream, publisher, Departure::finished);
  else
    link.ended_early = true;
}

void Hub::depart(unsigned home, const std::string& stream, PublisherId publisher, Departure how) {
  post_to(home, [stream, publisher, how](Hub& hub) {
    const auto found = hub.streams_.find(stream);
    if (found != hub.streams_.end()) found->second->leave(publisher, how);
  });
}

std::uint64_t& Hub::publishers_now(Push push) {
  return push == Push::http ? counters_.publishers_now.http : counters_.publishers_now.ws;
}

void Hub::on_granted(std::uint64_t number, const std::string& stream, unsigned home) {
  const auto found = links_.find(number);
  if (found == links_.end()) {  // it left before the answer came
    depart(home, stream, {index_, number}, Departure::lost);
    return;
  }
  Link& link = found->second;
  link.home = home;
  link.sink->on_ready();
  for (const Buffer& bytes : std::exchange(link.early, {})) publish({index_, number}, bytes);
  if (link.ended_early) depart(home, stream, {index_, number}, Departure::finished);
}

void Hub::on_refused(std::uint64_t number, const Ending& ending) {
  const auto found = links_.find(number);
  if (found != links_.end()) found->second.sink->close(ending);
}

void Hub::record(const std::string& stream, bool on, std::function<void(Recordable)> callback) {
  with_directory([this, stream, on, callback = std::move(callback)](Directory& d) {
    const auto home = d.home(stream);
    if (!home) {
      loop_.post([callback] { callback(Recordable::no_stream); });
      return;
    }
    Hub& at_home = *relay_.hubs[*home];
    at_home.loop_.post([this, &at_home, stream, on, callback] {
      const auto found = at_home.streams_.find(stream);
      const Recordable answer = found == at_home.streams_.end() ? Recordable::no_stream
                                : found->second->record(on)     ? Recordable::yes
                                                                : Recordable::no_recorder;
      loop_.post([callback, answer] { callback(answer); });
    });
  });
}

}  // namespace framewire::relay
