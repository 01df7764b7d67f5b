// Who has which stream: its home loop, the loops that have a local stream of it, and what
// /api/v1/streams shows. Lives on loop 0; the other loops reach it by post(). Pure bookkeeping:
// what it decides goes out by way of the DirectoryDelegate. Thread: loop 0's.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "relay/streams/neighbours.h"
#include "relay/streams/publisher.h"
#include "relay/streams/stream.h"

namespace framewire::relay {

class DirectoryDelegate {
 public:
  virtual ~DirectoryDelegate() = default;
  // A stream begins at the publisher's loop; local streams: those on other loops that wait for it
  // already.
  virtual void open_stream(const PublishRequest& request,
                           std::vector<LocalStreamId> local_streams) = 0;
  virtual void forward_request(unsigned home, const PublishRequest& request) = 0;
  virtual void refuse_request(const PublishRequest& request, CloseReason ending) = 0;
  virtual void add_local_stream(unsigned home, const std::string& stream,
                                LocalStreamId local_stream) = 0;
  virtual void remove_local_stream(unsigned home, const std::string& stream,
                                   LocalStreamId local_stream) = 0;
  virtual void nobody(LocalStreamId local_stream, const std::string& stream) = 0;
  // home: of the origin.
  virtual void request_rendition(unsigned home, const std::string& derived) = 0;
};

class Directory {
 public:
  Directory(std::size_t max_streams, DirectoryDelegate& delegate)
      : max_streams_(max_streams), delegate_(delegate) {}
  void set_max_streams(std::size_t count) { max_streams_ = count; }
  // Other servers that have streams, too; at the start. Null: this one is alone.
  void set_neighbours(Neighbours* neighbours) { neighbours_ = neighbours; }
  Neighbours* neighbours() const { return neighbours_; }

  void request(const PublishRequest& request);
  void release(const std::string& stream);  // by its home: the stream ended
  void watch(const std::string& stream, LocalStreamId local_stream);
  // By a home that was told of a local stream when the stream had ended: is it still there?
  void watch_again(const std::string& stream, LocalStreamId local_stream);
  void unwatch(const std::string& stream, LocalStreamId local_stream);
  void update(StreamSummary summary);
  void update_restreams(unsigned loop, std::vector<RestreamState> states);  // of its streams, all
  void not_derived(const std::string& derived);                             // by its provider
  // By the neighbours. The answer to claim(); url: who has the name, "" = not known.
  void claimed(const std::string& stream, bool won, const std::string& url);
  // One of theirs that somebody here may wait for.
  void appeared(const std::string& stream);
  // It could not be fetched from there.
  void not_elsewhere(const std::string& stream);

  std::optional<unsigned> home(const std::string& stream) const;
  // It is here by way of a link, and another server's.
  bool is_linked(const std::string& stream) const;
  // Of one that has a home, derived or not.
  std::optional<StreamSummary> summary(const std::string& stream) const;
  // By name; streams that have a home, but for derived ones.
  std::vector<StreamSummary> summaries() const;
  std::size_t streams() const { return homes_; }
  std::size_t entries() const { return entries_.size(); }  // streams published or waited for

 private:
  struct Entry {
    std::optional<unsigned> home;
    std::map<unsigned, std::uint64_t> watchers;  // a local stream's number, by its loop
    std::uint64_t claimed = 0;                   // numbers the times that it got a home
    bool deriving = false;                   // its provider was asked and has not claimed it yet
    std::uint64_t derived_from = 0;          // `claimed` of its origin, when the provider was asked
    bool linked = false;                     // its home has it from another server
    std::vector<PublishRequest> claiming{};  // wait to hear whether the name is ours
    std::vector<PublishRequest> granted{};   // it is; they wait for the link to end
    bool idle() const { return !home && watchers.empty() && claiming.empty() && granted.empty(); }
    StreamSummary summary;
  };
  void claim(Entry& entry, const PublishRequest& request);
  void open(const PublishRequest& request);
  void open_all(std::vector<PublishRequest> requests);
  bool fetch(const std::string& stream, const Entry& entry);
  void nobody_has(const std::string& stream);
  static bool watches(const Entry& entry, LocalStreamId local_stream);
  void forget_if_idle(const std::string& stream);
  bool request_rendition(const std::string& derived, Entry& entry);
  void derive_all(const std::string& origin);

  std::size_t max_streams_;
  DirectoryDelegate& delegate_;
  Neighbours* neighbours_ = nullptr;
  std::map<std::string, Entry> entries_;
  std::map<unsigned, std::vector<RestreamState>> restreams_;  // by loop
  std::size_t homes_ = 0;
  std::uint64_t claims_ = 0;
};

}  // namespace framewire::relay
