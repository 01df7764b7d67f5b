#include "relay/fetch/upload_request.h"

#include <fmt/format.h>
#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "relay/fetch/curl_handles.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kBodyBytes = 64u << 10;
constexpr std::size_t kAnswerBytes = 1u << 20;
constexpr int kAnswerTimeouts = 10;
constexpr std::size_t kMostEtag = 200;
constexpr long kConnectMs = 15'000;
constexpr long kUploadBuffer = 256L << 10;

// What libcurl calls back while a request runs.
struct UploadRun {
  const UploadRequest& request;
  const UploadCallbacks& watch;
  UploadResponse& response;
  const Duration patience;
  std::uint64_t sent = 0;  // of the body, read from the file
  bool disk_failed = false;
  unsigned lengths = 0;                // how often it said how long it is
  std::size_t answer_bytes = 0;        // of its body
  std::optional<Time> answer_since{};  // when all was sent
  std::optional<std::string_view> gave_up{};

  bool sent_all() const { return request.file < 0 || sent == request.bytes; }
};

std::size_t on_upload_read(char* to, std::size_t, std::size_t room, void* of) {
  auto& run = *static_cast<UploadRun*>(of);
  const std::uint64_t left = run.request.bytes - run.sent;
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, room));
  if (size == 0) return 0;
  const ssize_t got =
      ::pread(run.request.file, to, size, static_cast<off_t>(run.request.from + run.sent));
  if (got <= 0) {  // it has become shorter, or the disk does not give it
    run.disk_failed = true;
    return CURL_READFUNC_ABORT;
  }
  run.sent += static_cast<std::uint64_t>(got);
  return static_cast<std::size_t>(got);
}

// A connection that was kept open had been closed meanwhile: all is sent again.
int on_upload_seek(void* of, curl_off_t offset, int origin) {
  if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_FAIL;
  static_cast<UploadRun*>(of)->sent = static_cast<std::uint64_t>(offset);
  return CURL_SEEKFUNC_OK;
}

std::size_t on_upload_body(char* data, std::size_t, std::size_t size, void* of) {
  auto& run = *static_cast<UploadRun*>(of);
  std::string& body = run.response.body;
  body.append(data, std::min(size, kBodyBytes - body.size()));
  run.answer_bytes += size;
  if (run.answer_bytes <= kAnswerBytes) return size;
  run.gave_up = "the server's answer does not end";
  return 0;
}

std::string_view header_value(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || line[name.size()] != ':' ||
      strncasecmp(line.data(), name.data(), name.size()) != 0)
    return {};
  line.remove_prefix(name.size() + 1);
  const auto first = line.find_first_not_of(" \t\r\n\"");
  if (first == line.npos) return {};
  return line.substr(first, line.find_last_not_of(" \t\r\n\"") - first + 1);
}

std::size_t on_upload_header(char* data, std::size_t, std::size_t size, void* of) {
  auto& run = *static_cast<UploadRun*>(of);
  UploadResponse& response = run.response;
  const std::string_view line{data, size};
  if (line.starts_with("HTTP/")) {  // also an interim answer's
    response.etag.clear();
    response.encrypted = false;
    response.length = -1;
    run.lengths = 0;
  }
  if (const auto etag = header_value(line, "etag"); !etag.empty() && etag.size() <= kMostEtag)
    response.etag = etag;
  if (const auto length = header_value(line, "content-length"); !length.empty()) {
    std::int64_t value = -1;
    const auto [end, wrong] = std::from_chars(length.data(), length.data() + length.size(), value);
    const bool good = wrong == std::errc{} && end == length.data() + length.size();
    const bool same = run.lengths++ == 0 || value == response.length;
    response.length = good && same ? value : -1;
  }
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html, "ETag"
  const auto own_key = header_value(line, "x-amz-server-side-encryption");
  response.encrypted |= !own_key.empty() && own_key != "AES256";
  response.encrypted |=
      !header_value(line, "x-amz-server-side-encryption-customer-algorithm").empty();
  return size;
}

int on_upload_progress(void* of, curl_off_t, curl_off_t, curl_off_t, curl_off_t sent) {
  auto& run = *static_cast<UploadRun*>(of);
  if (run.watch.stop && run.watch.stop()) {
    run.response.stopped = true;
    return 1;
  }
  const Time now = Clock::now();
  if (!run.sent_all())
    run.answer_since.reset();
  else if (!run.answer_since)
    run.answer_since = now;
  else if (now - *run.answer_since > run.patience)
    run.gave_up = "the server's answer does not end";
  if (run.gave_up) return 1;
  if (run.watch.progress && run.request.file >= 0)
    run.watch.progress(static_cast<std::uint64_t>(std::max<curl_off_t>(sent, 0)));
  return 0;
}

void set_upload_keys(CURL* easy, const UploadSettings& settings) {
  const UploadKeys& keys = settings.keys;
  if (!settings.region.empty()) {
    curl_easy_setopt(easy, CURLOPT_AWS_SIGV4,
                     fmt::format("aws:amz:{}:s3", settings.region).c_str());
    curl_easy_setopt(easy, CURLOPT_USERNAME, keys.key_id.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, keys.secret.c_str());
  } else if (!keys.bearer.empty()) {
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, static_cast<unsigned long>(CURLAUTH_BEARER));
    curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, keys.bearer.c_str());
  } else if (!keys.user.empty()) {
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, static_cast<unsigned long>(CURLAUTH_BASIC));
    curl_easy_setopt(easy, CURLOPT_USERNAME, keys.user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, keys.password.c_str());
  }
}

void set_upload_body(CURL* easy, const UploadRequest& request, UploadRun& run) {
  const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(easy, option, value); };
  if (request.method == "PUT") {
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.bytes));
    set(CURLOPT_READFUNCTION, on_upload_read);
    set(CURLOPT_READDATA, &run);
    set(CURLOPT_SEEKFUNCTION, on_upload_seek);
    set(CURLOPT_SEEKDATA, &run);
    set(CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
  } else if (request.method == "POST") {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.text.size()));
    set(CURLOPT_POSTFIELDS, request.text.c_str());
  } else if (request.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else {
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

}  // namespace

UploadResponse send_upload_request(const UploadSettings& settings, const UploadRequest& request,
                                   const UploadCallbacks& watch) {
  UploadResponse response;
  const CurlEasy easy{curl_is_ready() ? curl_easy_init() : nullptr};
  if (!easy) {
    response.error = "libcurl cannot be used";
    return response;
  }
  UploadRun run{request, watch, response, settings.timeout * kAnswerTimeouts};
  curl_slist* list = nullptr;
  for (const std::string& header : request.headers) list = curl_slist_append(list, header.c_str());
  if (!settings.region.empty() && !settings.keys.session_token.empty())
    list =
        curl_slist_append(list, ("x-amz-security-token: " + settings.keys.session_token).c_str());
  const CurlHeaders headers{list};
  std::array<char, CURL_ERROR_SIZE> why{};
  const auto set = [&](CURLoption option, auto value) {
    curl_easy_setopt(easy.get(), option, value);
  };
  set_usual_options(easy.get());
  set(CURLOPT_URL, request.url.c_str());
  // What is signed is what is sent: libcurl sees to it, and refuses to be told so (8.14).
  if (settings.region.empty()) set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
  set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(CURLOPT_LOW_SPEED_TIME,
      static_cast<long>(std::max<std::int64_t>(settings.timeout.count() / 1000, 1)));
  set(CURLOPT_MAX_SEND_SPEED_LARGE, static_cast<curl_off_t>(settings.bytes_per_second));
  set(CURLOPT_HTTPHEADER, headers.get());
  set(CURLOPT_ERRORBUFFER, why.data());
  set(CURLOPT_WRITEFUNCTION, on_upload_body);
  set(CURLOPT_WRITEDATA, &run);
  set(CURLOPT_HEADERFUNCTION, on_upload_header);
  set(CURLOPT_HEADERDATA, &run);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, on_upload_progress);
  set(CURLOPT_XFERINFODATA, &run);
  set_upload_keys(easy.get(), settings);
  set_upload_body(easy.get(), request, run);
  const CURLcode result = curl_easy_perform(easy.get());
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &response.status);
  curl_off_t seconds = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RETRY_AFTER, &seconds);
  response.retry_after = std::chrono::seconds{std::clamp<curl_off_t>(seconds, 0, 3'600)};
  response.answered = result == CURLE_OK;
  curl_off_t left_here = 0;  // of the body
  curl_easy_getinfo(easy.get(), CURLINFO_SIZE_UPLOAD_T, &left_here);
  response.early = request.file >= 0 && static_cast<std::uint64_t>(left_here) < request.bytes;
  if (run.gave_up)
    response.error = *run.gave_up;
  else if (result == CURLE_OPERATION_TIMEDOUT)
    response.error = "the server took too long (--upload-timeout)";
  else if (run.disk_failed)
    response.error = "the file cannot be read any more";
  else if (!response.answered)
    response.error = why[0] != '\0' ? why.data() : curl_easy_strerror(result);
  return response;
}

std::string xml_text(const std::string& xml, const std::string& element) {
  const std::string open = "<" + element + ">";
  const std::size_t at = xml.find(open);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + open.size();
  const std::size_t end = xml.find("</" + element + ">", begin);
  if (end == std::string::npos) return {};
  std::string text = xml.substr(begin, end - begin);
  constexpr std::array<std::pair<std::string_view, char>, 5> kNamed = {
      {{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&amp;", '&'}}};
  for (const auto& [name, is] : kNamed)
    for (std::size_t found = text.find(name); found != std::string::npos;
         found = text.find(name, found + 1))
      text.replace(found, name.size(), 1, is);
  return text;
}

}  // namespace framewire::relay
