// Who passes streams on, as the relay sees it (relay/base/restream.h says where to).
#pragma once
#include <string>
#include <vector>

namespace framewire::relay {

// Thread: its loop's. Implemented by relay/restream/restream_host.h.
class Restreamer {
 public:
  virtual ~Restreamer() = default;
  // A stream has its home here now, or no longer.
  virtual void begin(const std::string& stream) = 0;
  virtual void end(const std::string& stream) = 0;
  // The operator wants others passed on; `streams`: all that have their home here.
  virtual void retarget(const std::vector<std::string>& streams) = 0;
};

}  // namespace framewire::relay
