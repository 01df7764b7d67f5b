#include "tools/base/http_handle.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace framewire::cli {
namespace {
constexpr long kConnectSeconds = 10;
}

HttpHandle::HttpHandle(const std::string& url, const HttpAccess& access) : easy_(curl_easy_init()) {
  if (!easy_) return;
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  set(CURLOPT_ERRORBUFFER, error_);
  set(CURLOPT_USERAGENT, "framewire/" FRAMEWIRE_VERSION);
  set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  if (access.insecure) {
    set(CURLOPT_SSL_VERIFYPEER, 0L);
    set(CURLOPT_SSL_VERIFYHOST, 0L);
  }
  set_certificates(get(), access);
  if (!access.token.empty()) header("Authorization: Bearer " + access.token);
}

void set_certificates(CURL* handle, const HttpAccess& access) {
  const auto set = [&](CURLoption option, const std::string& file) {
    if (!file.empty()) curl_easy_setopt(handle, option, file.c_str());
  };
  set(CURLOPT_CAINFO, access.ca_file);
  set(CURLOPT_SSLCERT, access.cert_file);
  set(CURLOPT_SSLKEY, access.cert_key.empty() ? access.cert_file : access.cert_key);
  // Else OpenSSL asks for a passphrase, on the terminal or, where there is none, on what is
  // streamed.
  curl_easy_setopt(handle, CURLOPT_KEYPASSWD, "");
}

void HttpHandle::header(const std::string& line) {
  curl_slist* const grown = curl_slist_append(headers_.get(), line.c_str());
  if (!grown) return;
  (void)headers_.release();
  headers_.reset(grown);
  set(CURLOPT_HTTPHEADER, headers_.get());
}

long HttpHandle::status() const {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  return status;
}

std::string HttpHandle::error_of(CURLcode result) const {
  return error_[0] != 0 ? error_ : curl_easy_strerror(result);
}

// OpenSSL's words for what the other side said, e.g. "tlsv13 alert certificate required".
bool HttpHandle::lost(CURLcode result) const {
  return is_lost(result) && std::string_view{error_}.find(" alert ") == std::string_view::npos;
}

bool is_lost(CURLcode result) {
  return result == CURLE_COULDNT_CONNECT || result == CURLE_RECV_ERROR ||
         result == CURLE_SEND_ERROR || result == CURLE_GOT_NOTHING ||
         result == CURLE_PARTIAL_FILE || result == CURLE_OPERATION_TIMEDOUT;
}

bool is_away(long status) {
  return status >= 502 && status <= 504;
}

ErrorAnswer read_error_answer(long status, const std::string& body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (json.is_object() && json.contains("error") && json["error"].is_object())
    return {fmt::format("{} ({} {})", json["error"].value("message", "refused"), status,
                        json["error"].value("code", "")),
            true};
  return {fmt::format("the server answered {}", status), false};
}

}  // namespace framewire::cli
