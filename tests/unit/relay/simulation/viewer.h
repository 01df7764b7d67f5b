// A simulated viewer: a socket that takes what the weather lets it, and a checker of every byte
// that it is sent, against what was published.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "relay/fanout/local_stream.h"
#include "relay/fanout/viewer.h"
#include "tests/unit/relay/simulation/life.h"
#include "tests/unit/relay/simulation/loop.h"

namespace framewire::relay::simulation {

using Lives = std::vector<std::unique_ptr<Life>>;

class SimulatedViewer final : public ViewerSink {
 public:
  SimulatedViewer(unsigned on_hub, int socket, Framing framing, Rendition rendition,
                  const Lives& lives, Chance& chance, const Weather& weather)
      : hub(on_hub),
        viewer(*this, framing, rendition),
        socket_(socket),
        lives_(lives),
        chance_(chance),
        weather_(weather) {}

  // ViewerSink
  Sent write(Bytes framed) override;
  bool make_ready(Bytes framed, SocketSend& to) override;
  Sent sent(Bytes framed, std::int32_t result) override;
  void on_epoch(const Epoch&) override { epoch_told_ = true; }
  void on_no_stream() override { told_nobody = true; }
  void send_text(const std::string&) override {}
  void want_writeable() override { wants_writeable = true; }
  std::size_t unsent_bytes() const override { return full ? 1 : 0; }
  void close(CloseCode code, std::string_view) override {
    if (!closed) closed = code;
  }

  // It has had every part there is of this life.
  bool has_all_of(const Life& life) const {
    return life_ == &life && next_ == life.parts(viewer.rendition).size();
  }
  bool got_media() const { return life_ != nullptr; }
  // It knows that what it was sent is not all, or is over.
  bool knows_the_end() const { return closed || gone || ended_ || !life_; }
  std::string state() const;

  const unsigned hub;
  Viewer viewer;
  bool full = false;
  bool gone = false;
  bool wants_writeable = false;
  bool told_nobody = false;
  std::optional<CloseCode> closed;

 private:
  Sent took(bool all);
  void read(Bytes framed);
  void read_frames(Bytes frames);
  void read_chunks(Bytes chunks);
  void read_body(std::string_view body);
  void take_text(std::string_view json);
  void take_v1(Bytes message);
  // A whole part; sequence: of framewire.v1.
  void take_part(std::string_view bytes, std::optional<std::uint64_t> sequence);
  struct Found {
    Life* life;
    std::size_t index;
  };
  // prefix: bytes begins with the part, and more may follow.
  std::optional<Found> find(std::string_view bytes, bool prefix) const;
  const std::vector<KnownPart>& known(const Life& life) const {
    return life.parts(viewer.rendition);
  }

  const int socket_;
  const Lives& lives_;
  Chance& chance_;
  const Weather& weather_;

  // What it has had so far.
  Life* life_ = nullptr;
  std::size_t next_ = 0;
  std::set<const Life*> past_;
  bool epoch_told_ = false;
  // Of framewire.v1.
  bool stream_told_ = false;
  bool may_jump_ = false;  // it was told that something is left out
  bool ended_ = false;
  std::optional<std::uint64_t> skipped_to_;
  std::optional<std::uint64_t> sequence_;  // of the part before
};

}  // namespace framewire::relay::simulation
