// The streams of one loop that the operator wants passed on (--restream), a RestreamJob for each
// target of each. Thread: the loop's. Lifetime: ends before the uv loop is closed, and the hub.
#pragma once
#include <uv.h>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "relay/base/restream.h"
#include "relay/streams/hub.h"
#include "relay/streams/service.h"

namespace framewire::relay {

class RestreamJob;

class RestreamHost final : public Service {
 public:
  RestreamHost(uv_loop_t& loop, Hub& hub);
  ~RestreamHost() override;
  RestreamHost(const RestreamHost&) = delete;
  RestreamHost& operator=(const RestreamHost&) = delete;

  void on_stream_begin(const std::string& stream) override;
  void on_stream_end(const std::string& stream) override;
  void on_config(const std::vector<std::string>& streams) override;
  void tick() override;
  // The server ends: all say goodbye.
  void drain();
  bool done() const { return jobs_.empty(); }

 private:
  using Key = std::pair<std::string, std::string>;  // stream, RestreamTarget::url

  void report();
  void announce(const std::vector<RestreamState>& states);

  uv_loop_t& uv_;
  Hub& hub_;
  std::map<Key, std::unique_ptr<RestreamJob>> jobs_;
  std::vector<RestreamState> told_;
};

}  // namespace framewire::relay
