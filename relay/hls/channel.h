// One stream's HLS: the subscriber of its H.264 and AAC rendition, the segments made of it, and the
// requests that wait for more of them. It begins with the first request and ends some time after
// the last.
// Thread: its loop's. Lifetime: its host's, which takes it away once over().
#pragma once
#include <functional>
#include <map>
#include <string>

#include "relay/hls/request.h"
#include "relay/hls/segmenter.h"
#include "relay/streams/hub.h"

namespace framewire::relay::hls {

class Channel final : private Subscriber {
 public:
  // free_number: no media sequence number below is free, whatever the clock says.
  Channel(Hub& hub, std::string stream, std::uint64_t free_number);
  ~Channel() override;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  void start();
  // Calls back at once, or when there is an answer, or when it was waited for long enough.
  void handle(Request request, Respond respond);
  void cancel(const RequestId& id) { waiting_.erase(id); }
  void tick(Time now);

  bool over() const { return over_; }
  // Behind all numbers that it has given.
  std::uint64_t next_number() const { return segmenter_.next_msn() + 1; }
  // Nothing was made yet, for there is no such stream.
  bool in_vain() const { return absent_ && !segmenter_.ready(); }
  std::size_t waiting() const { return waiting_.size(); }
  // Who has asked for a playlist within the time that a request may be held.
  std::size_t viewers() const { return clients_.size(); }
  std::size_t bytes() const { return segmenter_.bytes(); }

 private:
  struct Waiting {
    Request request;
    Respond respond;
    Time until{};         // for media
    Time absent_until{};  // for the stream
  };
  // nullopt: it has to wait.
  std::optional<Response> response_to(const Request& request);
  std::optional<Response> playlist_response(const Request& request);
  std::optional<Response> part_response(const Request& request) const;
  std::optional<Response> instead_of_part(const Request& request) const;
  bool is_enough(const Request& request) const;
  Response init_response(const Request& request) const;
  Response segment_response(const Request& request) const;
  bool is_listed(const Directives& wanted) const;
  bool is_absurd(const Directives& wanted) const;
  SharedBytes playlist(const Request& request);
  void note_client(const Request& request);
  void answer_waiting();
  void refuse_waiting(Refusal why, const std::string& message);
  std::string absent_sentence() const;

  void take(const Result<void>& what);

  void on_epoch(const EpochPtr& epoch) override;
  void on_part(const RingEntry& entry) override;
  void on_gap() override { segmenter_.gap(); }
  void on_given() override { answer_waiting(); }
  void on_end(std::string_view reason) override;
  void on_no_stream() override { absent_ = true; }
  void on_refused(std::string_view why) override;

  Hub& hub_;
  const std::string stream_;
  Segmenter segmenter_;
  Subscription subscription_{*this};
  bool absent_ = false;           // no such stream now
  Time ready_since_{};            // the first segment was complete
  std::optional<Response> last_;  // it cannot go on: what everybody is answered
  std::map<RequestId, Waiting> waiting_;
  std::uint64_t answered_version_ = 0;
  // Playlists of one version, by what makes them differ.
  std::map<std::string, SharedBytes> playlists_;
  std::uint64_t playlists_version_ = 0;
  Time last_asked_{};
  std::map<std::string, Time> clients_;  // when each asked for a playlist last
  bool over_ = false;
};

}  // namespace framewire::relay::hls
