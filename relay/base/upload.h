// Recordings that leave the box (--upload-url): what the recorder knows of one, and the way to who
// sends them (relay/fetch/uploader.h). Values; UploadSink says its threads itself.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace framewire::relay {

enum class UploadState : std::uint8_t {
  waiting,  // for the recording's end, for its turn, or for the next try
  sending,
  done,
  failed,  // given up; the file is kept
};
constexpr std::string_view to_string(UploadState state) {
  switch (state) {
    case UploadState::waiting:
      return "waiting";
    case UploadState::sending:
      return "sending";
    case UploadState::done:
      return "done";
    default:
      return "failed";
  }
}

// An upload in parts that was begun (S3), so that it goes on where it was, over restarts too.
struct UploadParts {
  std::string id;                  // the server's word; "" = none is begun
  std::uint64_t part_bytes = 0;    // of each part but the last
  std::vector<std::string> etags;  // of the parts that the server has
  bool operator==(const UploadParts&) const = default;
};

struct Upload {
  UploadState state = UploadState::waiting;
  std::uint64_t bytes = 0;  // of the file that have been sent
  unsigned tries = 0;       // begun so far
  std::string url;          // where it goes: without a secret; "" = not begun
  std::string error;        // a sentence: why the last try failed, or why the file was kept
  bool sent = false;        // the server has taken all of it
  bool confirmed = false;   // and said, asked for it, that it has as many bytes
  // Of the file that was sent, as the system has it (st_mtim): one that is another is sent anew,
  // and not removed. 0 = not known.
  std::int64_t modified_ns = 0;
  UploadParts parts;
  bool operator==(const Upload&) const = default;
};

// A finished recording that is to be sent.
struct UploadJob {
  std::string id;
  std::string stream;
  std::string path;  // of the file
  std::string content_type;
  std::uint64_t bytes = 0;
  Upload so_far;
};

class UploadSink {
 public:
  // Called on the sink's threads, whenever an upload has changed; must not block. `lasting`: it is
  // to be found again after a restart.
  using Listener = std::function<void(const std::string& id, const Upload& now, bool lasting)>;

  virtual ~UploadSink() = default;
  // Who is told from now on; {} = nobody: once that returns, nobody is being told. Then what is
  // under way is given up within a second, and goes on by another add().
  virtual void set_listener(Listener listener) = 0;
  // False: too many wait (--upload-queue); it is offered again later. What is there already is
  // tried at once.
  virtual bool add(UploadJob order) = 0;
  // It is gone: nothing more is sent of it, and the server forgets the parts that it has.
  virtual void forget(const std::string& id) = 0;
};

}  // namespace framewire::relay
