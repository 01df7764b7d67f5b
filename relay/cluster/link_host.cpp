#include "relay/cluster/link_host.h"

#include <spdlog/spdlog.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace framewire::relay {
namespace {

constexpr Duration kGiveUp{10'000};    // on a home that has not answered once
constexpr Duration kLastWords{2'000};  // of a home that has given the name back

// "0-17@node", as name_of() writes it.
std::optional<SpeakerId> speaker_of(std::string_view name) {
  SpeakerId out;
  const char* const end = name.data() + name.size();
  const auto loop = std::from_chars(name.data(), end, out.loop);
  if (loop.ec != std::errc{} || loop.ptr == end || *loop.ptr != '-') return std::nullopt;
  const auto number = std::from_chars(loop.ptr + 1, end, out.number);
  if (number.ec != std::errc{} || number.ptr == end || *number.ptr != '@') return std::nullopt;
  return out;
}

}  // namespace

// One stream's. It is its publisher here, from the first thing that comes.
class LinkHost::Link final : private PublisherSink {
 public:
  Link(LinkHost& host, std::uint64_t number, std::string stream, std::string url, std::string title)
      : hub_(host.hub_),
        number_(number),
        stream_(std::move(stream)),
        url_(url),
        title_(std::move(title)),
        began_(hub_.loop().now()),
        read_at_(began_) {
    const auto at_loop = [&host, &loop = hub_.loop(), stream = stream_,
                          number](std::function<void(Link&)> task) {
      loop.post([&host, stream, number, task = std::move(task)] {
        const auto found = host.links_.find(stream);
        if (found != host.links_.end() && found->second->number_ == number) task(*found->second);
      });
    };
    thread_ = std::make_unique<LinkThread>(
        hub_.config().cluster, stream_, std::move(url),
        LinkThread::Take{[at_loop](LinkNews news) {
                           at_loop([news = std::make_shared<LinkNews>(std::move(news))](
                                       Link& link) { link.take(std::move(*news)); });
                         },
                         [at_loop](LinkThread::Lost lost) {
                           at_loop([lost = std::move(lost)](Link& link) { link.lose(lost); });
                         }});
  }

  ~Link() override { leave(); }

  void home_gone() { gone_at_ = hub_.loop().now(); }

  void move(const std::string& url) {
    gone_at_.reset();
    url_ = url;
    thread_->go_to(url);
  }

  void end(const std::string& reason) {
    if (granted_) hub_.take_link(id_, stream_, {LinkEnd{reason}});
    over_ = true;
  }

  void tick(Time now) {
    const bool read = hub_.readers_of(stream_) > 0;
    if (read) read_at_ = now;
    if (granted_ && now - read_at_ > hub_.config().cluster.linger) {
      unread_ = true;
      end("ended");
    }
    if (gone_at_ && (lost_ || now - *gone_at_ > kLastWords)) end("publisher-lost");
    if (!found_ && now - began_ > kGiveUp) over_ = true;
  }

  bool over() const { return over_; }
  void forget() { id_ = {}; }
  Over how() const { return unread_ ? Over::unread : found_ ? Over::ended : Over::in_vain; }
  std::unique_ptr<LinkThread> take_thread() {
    leave();
    thread_->stop();
    return std::move(thread_);
  }

 private:
  void leave() {
    if (id_.number != 0) hub_.leave(std::exchange(id_, {}), PublisherExit::ended);
    granted_ = false;
  }

  void take(LinkNews news) {
    if (over_) return;
    for (auto& [sender, text] : news.direct)
      if (const auto speaker = speaker_of(sender)) hub_.to_speaker(*speaker, text);
    lost_ = false;
    if (!std::exchange(found_, true)) publish();
    if (granted_)
      hand_on(news);
    else
      early_.push_back(std::move(news));
  }

  void publish() {
    PublishHello hello;
    hello.title = title_;
    hello.keyframes = true;
    id_ =
        hub_.request_publish(stream_, PublishFraming::link, std::move(hello), std::nullopt, *this);
  }

  void hand_on(const LinkNews& news) {
    hub_.take_link(id_, stream_, news.events);
    thread_->landed(news.bytes);
    for (const LinkEvent& event : news.events)
      if (std::holds_alternative<LinkEnd>(event)) over_ = true;
  }

  void lose(const LinkThread::Lost& lost) {
    if (over_) return;
    if (!std::exchange(lost_, true))
      spdlog::warn("stream {}: link to {}: {}", stream_, url_, lost.why);
    if (granted_)
      hub_.take_link(id_, stream_, {LinkState{{StreamState::lingering, "publisher-lost"}}});
    if (lost.for_good) end("publisher-lost");
  }

  // PublisherSink
  std::string described() const override { return "a link to " + url_; }
  void on_ready() override {
    granted_ = true;
    for (const LinkNews& news : std::exchange(early_, {})) hand_on(news);
  }
  void send_text(const std::string& json) override {
    const auto text = nlohmann::json::parse(json, nullptr, false);
    const auto type = text.is_object() ? text.find("type") : text.end();
    if (!text.is_object() || type == text.end()) return;
    if (*type == "say" || *type == "viewers" || *type == "keyframe") thread_->say(json);
  }
  void hold(bool on) override { thread_->hold(on); }
  void close(const CloseReason& ending) override {
    spdlog::info("stream {}: link to {}: {}", stream_, url_, ending.error.what);
    over_ = true;
  }
  void on_ended(const std::optional<Error>&) override { over_ = true; }

  Hub& hub_;
  const std::uint64_t number_;
  const std::string stream_;
  std::string url_;
  const std::string title_;
  const Time began_;
  Time read_at_;
  PublisherId id_;
  std::vector<LinkNews> early_;  // came before the stream was granted
  bool found_ = false;
  bool granted_ = false;
  bool lost_ = false;
  bool over_ = false;
  bool unread_ = false;
  std::optional<Time> gone_at_;
  std::unique_ptr<LinkThread> thread_;
};

LinkHost::LinkHost(Hub& hub, OnOver on_over) : hub_(hub), on_over_(std::move(on_over)) {}

LinkHost::~LinkHost() {
  for (auto& [stream, link] : links_) {
    link->forget();  // the hub ends, too
    ending_.push_back(link->take_thread());
  }
  for (const auto& thread : ending_) thread->stop();
}

void LinkHost::begin(const std::string& stream, const std::string& url, const std::string& title) {
  auto& link = links_[stream];
  if (link) ending_.push_back(link->take_thread());
  if (links_.size() > hub_.config().cluster.max_links) {
    links_.erase(stream);
    hub_.limit_reached("cluster-links", stream);
    on_over_(stream, Over::in_vain);
    return;
  }
  spdlog::info("stream {}: fetched from {}", stream, url);
  link = std::make_unique<Link>(*this, ++last_number_, stream, url, title);
}

void LinkHost::move(const std::string& stream, const std::string& url) {
  if (const auto found = links_.find(stream); found != links_.end()) found->second->move(url);
}

void LinkHost::home_gone(const std::string& stream) {
  if (const auto found = links_.find(stream); found != links_.end()) found->second->home_gone();
}

void LinkHost::end(const std::string& stream, const std::string& reason) {
  const auto found = links_.find(stream);
  if (found == links_.end()) return;
  found->second->end(reason);
  ending_.push_back(found->second->take_thread());
  links_.erase(found);
  on_over_(stream, Over::ended);
}

void LinkHost::tick() {
  const Time now = hub_.loop().now();
  for (auto at = links_.begin(); at != links_.end();) {
    Link& link = *at->second;
    link.tick(now);
    if (!link.over()) {
      ++at;
      continue;
    }
    ending_.push_back(link.take_thread());
    on_over_(at->first, link.how());
    at = links_.erase(at);
  }
  std::erase_if(ending_, [](const auto& thread) { return thread->done(); });
}

}  // namespace framewire::relay
