// Derived renditions, as the relay sees them. /live/cam.mp4 is a stream of its own, named
// "cam.mp4": a name that nobody can publish, for a published name has no dot. Its viewers are
// viewers like any other. When the first one comes, the hub that is the home of "cam" asks its
// RenditionProvider to publish it; the RenditionProvider is a viewer of "cam" (Viewer::internal
// false) and the publisher of "cam.mp4", until nobody has watched for a while.
#pragma once
#include <string>

namespace framewire::relay {

// Thread: its loop's. Implemented by relay/renditions/rendition_host.h.
class RenditionProvider {
 public:
  virtual ~RenditionProvider() = default;
  // origin is published, and this loop is its home. The answer is a request of the derived stream,
  // or Hub::not_derived().
  virtual void request_rendition(const std::string& origin, const std::string& output) = 0;
};

}  // namespace framewire::relay
