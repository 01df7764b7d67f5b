// The thread of one link: connects to the node that has a stream, again whenever that is lost,
// reads what comes and hands it over, sends what is given to it. It waits, so that no loop does.
// Thread: the calls come from one loop; `take` is called on the link's thread, and must not wait.
// Lifetime: stop() asks it to end, the end waits for that (a connection that is being made: a
// second at most).
#pragma once
#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "ingest/base/mutex.h"
#include "relay/base/cluster_config.h"
#include "relay/cluster/link_reader.h"
#include "relay/fetch/link_socket.h"

namespace framewire::relay {

class LinkThread {
 public:
  struct Lost {
    std::string why;
    bool for_good = false;  // the other node has no such stream, or refuses this one
  };
  struct Take {
    std::function<void(LinkNews)> news;
    std::function<void(Lost)> lost;  // a connection, or the try to make one
  };

  LinkThread(const ClusterConfig& config, std::string stream, std::string url, Take take);
  ~LinkThread();
  LinkThread(const LinkThread&) = delete;
  LinkThread& operator=(const LinkThread&) = delete;

  void stop();
  bool done() const { return done_; }  // the end will not wait
  // Another node has the stream now.
  void go_to(const std::string& url);
  void say(std::string text);
  // So many bytes of what was handed over are in the ring. While too many are not, nothing is read.
  void landed(std::size_t bytes);
  // Until false: nothing is read.
  void hold(bool on);

 private:
  void run();
  LinkThread::Lost follow(const std::string& url);
  Result<void> read(LinkSocket& socket);
  Result<void> take_frames(LinkSocket& socket);
  Result<void> send(LinkSocket& socket);
  void hand_over();
  bool must_wait() const;
  void wake() const;
  std::string path() const;

  const ClusterConfig config_;
  const std::string stream_;
  const Take take_;
  LinkReader reader_;
  Buffer received_;
  std::string closed_;         // the other node's close frame: its reason
  std::size_t news_seen_ = 0;  // pieces that came

  std::atomic<bool> stopped_ = false;
  std::atomic<bool> done_ = false;
  std::atomic<bool> held_ = false;
  std::atomic<std::size_t> under_way_ = 0;
  int wake_fd_ = -1;
  mutable Mutex mutex_;
  std::string url_ FW_GUARDED_BY(mutex_);
  bool moved_ FW_GUARDED_BY(mutex_) = false;
  std::deque<std::string> to_say_ FW_GUARDED_BY(mutex_);
  std::thread thread_;  // the last member: it uses the others
};

// What a node shows to another one, and how that holds it against the secret of the cluster.
// stream: which one is asked for. Good for half a minute.
std::string link_arguments(const ClusterConfig& config, const std::string& stream);
bool is_link_proof(const ClusterConfig& config, const std::string& stream,
                   const std::string& expires, const std::string& proof);

}  // namespace framewire::relay
