// One request to where recordings go: by libcurl, with a piece of a file as its body or a text, and
// signed for S3 where there are keys (AWS signature version 4). No redirection is followed. A
// server that moves nothing for `timeout` has failed, and so has one whose answer is longer than
// 1 MiB or takes ten times as long.
// Blocks: never on a network thread. Thread: any but a loop's.
// Source: libcurl, CURLOPT_AWS_SIGV4; Amazon S3 API reference, "Authenticating requests".
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "relay/base/clock.h"

namespace framewire::relay {

// Never shown: neither in a log nor in the API.
struct UploadKeys {
  std::string key_id;  // of S3: all requests are signed
  std::string secret;
  std::string session_token;  // "" = none belongs to it
  std::string user;           // of a plain HTTP server: Basic (RFC 7617)
  std::string password;
  std::string bearer;  // RFC 6750
};

struct UploadSettings {  // how requests are made
  UploadKeys keys;
  std::string region;  // "" = not S3
  Duration timeout{60'000};
  std::uint64_t bytes_per_second = 0;  // 0 = as fast as it goes
};

struct UploadRequest {
  std::string method = {};  // PUT, POST, HEAD or DELETE
  std::string url = {};
  std::vector<std::string> headers = {};  // "name: value"
  int file = -1;                          // body: `bytes` of it from `from` on; -1: `text`
  std::uint64_t from = 0;
  std::uint64_t bytes = 0;
  std::string text = {};
};

struct UploadResponse {
  bool answered = false;
  bool stopped = false;  // asked to: nothing is wrong
  bool early = false;    // it did not wait for all of the file
  std::string error;     // why it was not answered
  long status = 0;
  std::string etag;          // without quotes; "" = none
  bool encrypted = false;    // the ETag says nothing of the bytes: another key than S3's own
  std::int64_t length = -1;  // Content-Length; -1 = not said
  Duration retry_after{0};
  std::string body;  // at most 64 KiB of it
};

struct UploadCallbacks {
  std::function<bool()> stop;                              // looked at about each second
  std::function<void(std::uint64_t bytes)> progress = {};  // of the body, now and then
};

UploadResponse send_upload_request(const UploadSettings& settings, const UploadRequest& request,
                                   const UploadCallbacks& watch);

// The text of an element of S3's answers, "" = there is none. Only simple ones.
std::string xml_text(const std::string& xml, const std::string& element);

}  // namespace framewire::relay
