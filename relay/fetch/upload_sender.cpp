#include "relay/fetch/upload_sender.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "ingest/base/unique_fd.h"
#include "relay/base/modified.h"
#include "relay/fetch/upload_hash.h"

namespace framewire::relay {
namespace {

using Kind = UploadResult::Kind;

constexpr long kOk = 200, kCreated = 201, kNoContent = 204, kNotFound = 404,
               kExpectationFailed = 417;
constexpr std::size_t kMostWords = 200;

bool is_good(long status) {
  return status == kOk || status == kCreated || status == kNoContent;
}

// For logs and lists: one line of plain characters, a blank where there are others.
std::string shown_words(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool plain = c > ' ' && c <= '~';
    if (plain || !out.ends_with(' ')) out += plain ? c : ' ';
    if (out.size() == kMostWords) break;
  }
  return out;
}

UploadResult result_of(const UploadResponse& response) {
  if (response.stopped) return {Kind::stopped};
  if (!response.answered) return {Kind::again, response.error};
  if (response.early && is_good(response.status))
    return {Kind::again,
            fmt::format("it was answered with {} before all was sent", response.status)};
  UploadResult out = judge_upload_response(response.status, xml_text(response.body, "Code"),
                                           xml_text(response.body, "Message"));
  out.retry_after = response.retry_after;
  return out;
}

// An answer of 200 may be an error all the same: CompleteMultipartUpload begins it before it knows.
bool is_error(const UploadResponse& response) {
  return !response.answered || response.early || !is_good(response.status) ||
         response.body.find("<Error>") != std::string::npos;
}

class HttpSender final : public UploadSender {
 public:
  HttpSender(UploadPattern pattern, UploadSettings settings, std::uint64_t part_bytes)
      : pattern_(std::move(pattern)), settings_(std::move(settings)), part_bytes_(part_bytes) {}

  UploadResult send(const UploadJob& job, Upload& now, const UploadContext& context) override {
    const UniqueFd file{::open(job.path.c_str(), O_RDONLY | O_CLOEXEC)};
    struct stat facts {};
    if (!file || ::fstat(file.get(), &facts) != 0)
      return {Kind::failed, fmt::format("reading {}: {}", job.path, std::strerror(errno))};
    if (static_cast<std::uint64_t>(facts.st_size) != job.bytes)
      return {Kind::failed,
              fmt::format("the file has {} bytes, and not {}", facts.st_size, job.bytes)};
    const std::string url = pattern_.url_of(job.stream, job.id);
    const std::int64_t before = std::exchange(now.modified_ns, modified_ns(facts));
    if (std::exchange(now.url, url) != url || (before != 0 && before != now.modified_ns)) {
      now.parts = {};
      now.sent = false;
    }
    if (now.sent) return confirm(job, now, context);  // that alone failed
    const bool in_parts = pattern_.is_s3() && job.bytes > part_bytes_;
    if (!in_parts) now.parts = {};
    const UploadResult sent = in_parts ? send_parts(job, file.get(), now, context)
                                       : send_whole(job, file.get(), now, context);
    if (sent.kind != Kind::done) return sent;
    now.parts = {};
    if (::stat(job.path.c_str(), &facts) != 0 || modified_ns(facts) != now.modified_ns)
      return {Kind::again, "the file was changed while it was sent"};
    now.bytes = job.bytes;
    now.sent = true;
    context.tell(now, true);
    return confirm(job, now, context);
  }

  void abandon(const Upload& now, const UploadContext& context) override {
    if (now.parts.id.empty()) return;
    (void)perform({"DELETE", with_upload_id(now), {}}, hashes_of("").sha256_hex, context, {});
  }

 private:
  UploadResponse perform(UploadRequest request, const std::string& sha256,
                         const UploadContext& context,
                         std::function<void(std::uint64_t)> progress) const {
    if (pattern_.is_s3()) request.headers.push_back("x-amz-content-sha256: " + sha256);
    return send_upload_request(settings_, request, {context.stop, std::move(progress)});
  }

  static std::string with_upload_id(const Upload& now) {
    return fmt::format("{}?uploadId={}", now.url, percent_encoded(now.parts.id, false));
  }

  // PUTs a piece of the file.
  UploadResponse put(int file, std::uint64_t from, std::uint64_t bytes, const UploadHashes& hashes,
                     UploadRequest request, Upload& now, const UploadContext& context) const {
    request.method = "PUT";
    request.file = file;
    request.from = from;
    request.bytes = bytes;
    if (!pattern_.is_s3())
      request.headers.push_back("Content-Digest: sha-256=:" + hashes.sha256_base64 + ":");
    else if (!hashes.md5_base64.empty())
      request.headers.push_back("Content-MD5: " + hashes.md5_base64);
    const auto progress = [&](std::uint64_t sent) {
      now.bytes = from + std::min(sent, bytes);
      context.tell(now, false);
    };
    const UploadResponse first = perform(request, hashes.sha256_hex, context, progress);
    if (!first.answered || first.status != kExpectationFailed) return first;
    request.headers.emplace_back("Expect:");  // RFC 9110 section 10.1.1: without it
    return perform(std::move(request), hashes.sha256_hex, context, progress);
  }

  // "" = the server has these bytes, as far as its ETag tells.
  std::string why_other_bytes(const UploadResponse& response, const UploadHashes& hashes) const {
    const bool is_md5 =
        response.etag.size() == hashes.md5_hex.size() && !response.etag.empty() &&
        response.etag.find_first_not_of("0123456789abcdefABCDEF") == response.etag.npos;
    if (!pattern_.is_s3() || response.encrypted || !is_md5) return {};
    std::string lower = response.etag;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
    if (lower == hashes.md5_hex) return {};
    return fmt::format("the server has other bytes than were sent: MD5 {}, and not {}", lower,
                       hashes.md5_hex);
  }

  static UploadResult not_read(const UploadContext& context) {
    if (context.stop()) return {Kind::stopped};
    return {Kind::again, "the file cannot be read"};
  }

  UploadResult send_whole(const UploadJob& job, int file, Upload& now,
                          const UploadContext& context) const {
    now.bytes = 0;
    const auto hashes = hashes_of(file, 0, job.bytes, context.stop);
    if (!hashes) return not_read(context);
    const UploadResponse response =
        put(file, 0, job.bytes, *hashes, {"", now.url, {"Content-Type: " + job.content_type}}, now,
            context);
    if (is_error(response)) return result_of(response);
    if (auto other = why_other_bytes(response, *hashes); !other.empty())
      return {Kind::again, other};
    return {Kind::done};
  }

  UploadResult send_parts(const UploadJob& job, int file, Upload& now,
                          const UploadContext& context) const {
    UploadParts& parts = now.parts;
    if (parts.id.empty() || parts.part_bytes == 0) {
      parts = {};
      const UploadResponse begun =
          perform({"POST", now.url + "?uploads=", {"Content-Type: " + job.content_type}},
                  hashes_of("").sha256_hex, context, {});
      if (is_error(begun)) return result_of(begun);
      parts.id = xml_text(begun.body, "UploadId");
      parts.part_bytes = part_bytes_for(job.bytes, part_bytes_);
      if (parts.id.empty()) return {Kind::again, "the server gave no UploadId"};
      context.tell(now, true);
    }
    const std::uint64_t count = (job.bytes + parts.part_bytes - 1) / parts.part_bytes;
    while (parts.etags.size() < count)
      if (auto out = send_part(job, file, now, context); out.kind != Kind::done) return out;
    return complete(now, context);
  }

  UploadResult send_part(const UploadJob& job, int file, Upload& now,
                         const UploadContext& context) const {
    UploadParts& parts = now.parts;
    const std::uint64_t from = parts.etags.size() * parts.part_bytes;
    const std::uint64_t bytes = std::min(parts.part_bytes, job.bytes - from);
    now.bytes = from;
    const auto hashes = hashes_of(file, from, bytes, context.stop);
    if (!hashes) return not_read(context);
    const std::string url = fmt::format("{}?partNumber={}&uploadId={}", now.url,
                                        parts.etags.size() + 1, percent_encoded(parts.id, false));
    const UploadResponse response = put(file, from, bytes, *hashes, {"", url, {}}, now, context);
    if (is_error(response)) return of_parts(response, now);
    if (auto other = why_other_bytes(response, *hashes); !other.empty())
      return {Kind::again, other};
    if (response.etag.empty()) return {Kind::again, "the server gave a part no ETag"};
    parts.etags.push_back(response.etag);
    now.bytes = from + bytes;
    context.tell(now, true);
    return {Kind::done};
  }

  UploadResult complete(Upload& now, const UploadContext& context) const {
    std::string xml = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
    for (std::size_t i = 0; i < now.parts.etags.size(); ++i)
      xml += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>&quot;{}&quot;</ETag></Part>",
                         i + 1, escaped(now.parts.etags[i]));
    xml += "</CompleteMultipartUpload>";
    const std::string sha256 = hashes_of(xml).sha256_hex;
    UploadRequest request{"POST", with_upload_id(now), {"Content-Type: application/xml"}};
    request.text = std::move(xml);
    const UploadResponse response = perform(std::move(request), sha256, context, {});
    if (is_error(response)) return of_parts(response, now);
    return {Kind::done};
  }

  // The server may know nothing of the parts any more: then all of it goes again.
  static UploadResult of_parts(const UploadResponse& response, Upload& now) {
    UploadResult out = result_of(response);
    const std::string code = xml_text(response.body, "Code");
    const bool gone = code == "NoSuchUpload" || (response.status == kNotFound && code.empty());
    if (!gone && code != "InvalidPart") return out;
    now.parts = {};
    out.kind = Kind::again;
    return out;
  }

  static std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text)
      out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
    return out;
  }

  // Asks for what it has been given. A plain HTTP server need not know HEAD of what is PUT.
  UploadResult confirm(const UploadJob& job, Upload& now, const UploadContext& context) const {
    const UploadResponse response =
        perform({"HEAD", now.url, {}}, hashes_of("").sha256_hex, context, {});
    if (response.status == kNotFound ||
        (response.status == kOk && response.length >= 0 &&
         static_cast<std::uint64_t>(response.length) != job.bytes)) {
      now.sent = false;
      return {Kind::again,
              response.status == kNotFound
                  ? "the server took it, and has it not: 404"
                  : fmt::format("the server has {} bytes of {}", response.length, job.bytes)};
    }
    now.confirmed = response.answered && response.status == kOk && response.length >= 0;
    if (now.confirmed) return {Kind::done};
    const UploadResult why = result_of(response);
    if (why.kind == Kind::stopped || (why.kind == Kind::again && response.status != kOk))
      return why;
    return {Kind::done, "its size there is not known: HEAD: " +
                            (response.status == kOk ? "no Content-Length came" : why.error)};
  }

  const UploadPattern pattern_;
  const UploadSettings settings_;
  const std::uint64_t part_bytes_;
};

}  // namespace

std::uint64_t part_bytes_for(std::uint64_t file_bytes, std::uint64_t part_bytes) {
  const std::uint64_t least = (file_bytes + kMostParts - 1) / kMostParts;
  return std::clamp(std::max(part_bytes, least), kLeastPart, kMostPart);
}

UploadResult judge_upload_response(long status, const std::string& code,
                                   const std::string& message) {
  constexpr std::array<long, 3> kAgain = {408, 425, 429};
  // https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html: of 4xx, those that pass.
  constexpr std::array<std::string_view, 6> kAgainCodes = {"RequestTimeout",
                                                           "BadDigest",
                                                           "IncompleteBody",
                                                           "RequestTimeTooSkewed",
                                                           "XAmzContentSHA256Mismatch",
                                                           "OperationAborted"};
  constexpr long kServerErrors = 500;
  UploadResult out;
  const bool again = status < kOk || (status >= kServerErrors && status != 501 && status != 505) ||
                     is_good(status) ||
                     std::find(kAgain.begin(), kAgain.end(), status) != kAgain.end() ||
                     std::find(kAgainCodes.begin(), kAgainCodes.end(), code) != kAgainCodes.end();
  out.kind = again ? Kind::again : Kind::failed;
  out.error = fmt::format("it was answered with {}", status);
  if (!code.empty()) out.error += " " + shown_words(code);
  if (!message.empty()) out.error += ": " + shown_words(message);
  return out;
}

std::unique_ptr<UploadSender> make_upload_sender(UploadPattern pattern, UploadSettings settings,
                                                 std::uint64_t part_bytes) {
  return std::make_unique<HttpSender>(std::move(pattern), std::move(settings), part_bytes);
}

}  // namespace framewire::relay
