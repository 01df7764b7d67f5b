// The line protocol of --tcp-chat.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "ingest/wire/server_text.h"
#include "ingest/wire/ws_frame.h"
#include "relay/access/counted_address.h"
#include "relay/fanout/messages.h"
#include "relay/server/tcp_host.h"
#include "relay/server/tcp_kinds.h"
#include "relay/streams/side_channel_limiter.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kMostUnread = 64u << 10;  // bytes of lines that one client does not take
constexpr Duration kDeafFor{100};               // to one that was told that it says too much
// A line costs as much as there are people who hear it: what is said meanwhile goes to all of them
// together, and no more than so much of it in a second.
constexpr std::size_t kMostTogether = 32u << 10;
constexpr std::chrono::microseconds kApartPerListener{100};
constexpr double kToAllPerSecond = 64u << 20;

std::string without_controls(std::string_view text) {
  std::string out{text};
  std::erase_if(out, [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f; });
  return out;
}

class Room;

class Speaker final : public TcpPeer {
 public:
  Speaker(Room& room, TcpHost& host, int socket, std::string address, std::uint64_t number)
      : TcpPeer(host, socket, std::move(address)),
        room_(room),
        number_(number),
        speech_(host.loop().config()) {}
  ~Speaker() override;

  void on_open() override {
    read(true);
    hear(fmt::format("* you are {}\n", number_));
  }
  // One that does not read is not waited for.
  void hear(const std::string& lines) {
    if (over()) return;
    if (unsent_bytes() > kMostUnread)
      kill();
    else
      write(as_bytes(lines));
  }
  std::uint64_t number() const { return number_; }

 private:
  void on_bytes(Bytes bytes) override;
  void on_end() override {}  // it may still listen
  void say(std::string_view line);

  Room& room_;
  const std::uint64_t number_;
  SideChannelLimiter speech_;
  Time deaf_until_{};
  std::string line_;  // not whole yet
  bool too_long_ = false;
};

class Room final : public TcpRoom, private ViewerSink {
 public:
  Room(TcpHost& host, std::string stream)
      : host_(host), stream_(std::move(stream)), viewer_(*this, Framing::v1, Rendition::origin) {
    viewer_.internal = true;
  }

  std::unique_ptr<TcpPeer> seat(int socket, std::string address) override {
    if (!viewer_.local_stream) host_.hub().attach(stream_, viewer_);
    auto speaker = std::make_unique<Speaker>(*this, host_, socket, std::move(address), ++last_);
    speakers_.push_back(speaker.get());
    return speaker;
  }
  void close() override {
    if (viewer_.local_stream) host_.hub().detach(viewer_);
  }
  void tick() override {
    if (host_.loop().now() >= deliver_from_) deliver();
  }
  void deliver() override {
    if (said_.empty()) return;
    const std::string lines = std::exchange(said_, {});
    deliver_from_ = host_.loop().now() + speakers_.size() * kApartPerListener;
    for (Speaker* speaker : std::vector{speakers_}) speaker->hear(lines);
  }
  void leave(Speaker& speaker) { std::erase(speakers_, &speaker); }

  // False: all together hear too much already.
  bool takes(std::string_view line, Time now) {
    const std::chrono::duration<double> since = now - counted_;
    counted_ = now;
    left_ = std::min(kToAllPerSecond, left_ + since.count() * kToAllPerSecond);
    if (left_ <= 0) return false;
    left_ -= static_cast<double>(line.size() * speakers_.size());
    return true;
  }

  void say(std::uint64_t number, const SideText& text, std::string_view line) {
    broadcast_text(fmt::format("{} {}\n", number, line));
    if (viewer_.local_stream && !mine_ended_) host_.hub().send_side_text(viewer_, text);
  }

 private:
  // At the end of the turn, or some time after what was said before.
  void broadcast_text(const std::string& line) {
    if (said_.empty()) host_.loop().post([this] { tick(); });
    said_ += line;
    if (said_.size() >= kMostTogether) deliver();
  }

  void take(std::string_view json_text) {
    const ServerText text = read_server_text(json_text);
    if (const auto* own = std::get_if<SenderText>(&text)) sender_ = own->sender;
    const auto* said = std::get_if<SaidText>(&text);
    if (!said || said->sender == sender_) return;  // what we said was told to all at once
    broadcast_text(fmt::format("@{} {}\n",
                               without_controls(said->name.empty() ? said->sender : said->name),
                               without_controls(said->data)));
  }

  // ViewerSink: whole ws frames; those of text are the side channel, media is not for us.
  Sent write(Bytes framed) override {
    while (!framed.empty()) {
      const WsFrame frame = take_ws_frame(framed);
      if (frame.opcode == WsOpcode::text) take(as_text(frame.payload));
    }
    return Sent::all;
  }
  void send_text(const std::string& json) override { take(json); }
  void on_epoch(const Epoch&) override {}
  void on_no_stream() override {}
  void want_writeable() override {}
  std::size_t unsent_bytes() const override { return 0; }
  void close(CloseCode, std::string_view) override { mine_ended_ = true; }

  TcpHost& host_;
  const std::string stream_;
  Viewer viewer_;
  std::vector<Speaker*> speakers_;
  std::uint64_t last_ = 0;
  std::string sender_;  // what the side channel calls this room
  bool mine_ended_ = false;
  std::string said_;  // and not told yet
  Time deliver_from_{};
  Time counted_{};
  double left_ = kToAllPerSecond;  // bytes, over all who hear them
};

Speaker::~Speaker() {
  room_.leave(*this);
}

void Speaker::on_bytes(Bytes bytes) {
  const std::size_t longest = host().loop().config().side_text_bytes;
  for (const char c : as_text(bytes)) {
    if (c == '\n') {
      if (too_long_)
        hear(fmt::format("* a line of more than {} bytes is not passed on\n", longest));
      else
        say(without_controls(line_));
      line_.clear();
      too_long_ = false;
    } else if (line_.size() >= longest) {
      too_long_ = true;
    } else {
      line_ += c;
    }
    if (over()) return;
  }
}

void Speaker::say(std::string_view line) {
  const Time now = host().loop().now();
  if (line.empty() || now < deaf_until_) return;
  const nlohmann::json text = std::string{line};
  SideText side{text.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                std::to_string(number_)};
  side.whose = "address " + counted_address(address());
  if (const auto refused = speech_.refuse(side, now)) {
    deaf_until_ = now + kDeafFor;
    const auto told = nlohmann::json::parse(*refused, nullptr, false);
    hear(fmt::format("* {}\n", told.value("message", "not passed on")));
    return;
  }
  if (!room_.takes(line, now)) {
    deaf_until_ = now + kDeafFor;
    hear("* too much is said here just now: not passed on\n");
    return;
  }
  room_.say(number_, side, line);
}

}  // namespace

std::unique_ptr<TcpRoom> make_tcp_room(TcpHost& host, const std::string& stream) {
  return std::make_unique<Room>(host, stream);
}

}  // namespace framewire::relay
