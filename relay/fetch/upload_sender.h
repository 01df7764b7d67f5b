// One try to send a recording: by PUT to an HTTP server, or to S3, there in parts where the file is
// large. It counts as sent when the server said so and, asked for it, has as many bytes.
// Blocks. Thread: any but a loop's, several at a time.
// Source: RFC 9110 section 9.3.4, RFC 9530 (Content-Digest); Amazon S3 API reference: PutObject,
// HeadObject, CreateMultipartUpload, UploadPart, CompleteMultipartUpload, AbortMultipartUpload.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "relay/base/upload.h"
#include "relay/fetch/upload_request.h"
#include "relay/fetch/upload_url.h"

namespace framewire::relay {

struct UploadResult {
  enum class Kind : std::uint8_t {
    done,
    again,    // worth another try
    failed,   // another try would end like this one
    stopped,  // asked to
  } kind = Kind::again;
  std::string error = {};   // a sentence, of again and failed
  Duration retry_after{0};  // as the server wishes
};

struct UploadContext {
  std::function<bool()> stop;
  std::function<void(const Upload& now, bool lasting)> tell;
};

class UploadSender {
 public:
  virtual ~UploadSender() = default;
  // Goes on with, and changes, what `now` says: bytes, url, parts, confirmed.
  virtual UploadResult send(const UploadJob& job, Upload& now, const UploadContext& context) = 0;
  // The server need not keep the parts that it has.
  virtual void abandon(const Upload& now, const UploadContext& context) = 0;
};

// S3's: 5 MiB to 5 GiB a part, 10,000 of them. part_bytes: of larger files, more where these would
// be too many.
inline constexpr std::uint64_t kLeastPart = std::uint64_t{5} << 20;
inline constexpr std::uint64_t kMostPart = std::uint64_t{5} << 30;
inline constexpr std::uint64_t kMostParts = 10'000;
std::uint64_t part_bytes_for(std::uint64_t file_bytes, std::uint64_t part_bytes);

std::unique_ptr<UploadSender> make_upload_sender(UploadPattern pattern, UploadSettings settings,
                                                 std::uint64_t part_bytes);

// What a server's answer means: whether another try may end otherwise, and the sentence that is
// shown. code, message: of S3's XML; "" = none.
UploadResult judge_upload_response(long status, const std::string& code,
                                   const std::string& message);

}  // namespace framewire::relay
