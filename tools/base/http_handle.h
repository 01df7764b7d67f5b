// A libcurl handle of the command line, with what all its requests have in common, and what an
// answer that is no good says.
// Thread: one, that of the command. Lifetime: longer than the libcurl multi handle's use of it.
#pragma once
#include <curl/curl.h>

#include <memory>
#include <string>

#include "tools/base/http_transfer.h"

namespace framewire::cli {

struct FreeMulti {
  void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
};
using MultiHandle = std::unique_ptr<CURLM, FreeMulti>;

class HttpHandle {
 public:
  HttpHandle(const std::string& url, const HttpAccess& access);
  // False: no memory for it.
  explicit operator bool() const { return easy_ != nullptr; }
  CURL* get() const { return easy_.get(); }

  template <class T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(easy_.get(), option, value);
  }
  // Before the request begins.
  void header(const std::string& line);

  // HTTP's; 0 = none has come.
  long status() const;
  // Why the request failed: libcurl's sentence, which holds no key.
  std::string error_of(CURLcode result) const;
  // Whether another try may go better: not where the server refused this client in TLS.
  bool lost(CURLcode result) const;

 private:
  struct FreeEasy {
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
  };
  struct FreeList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
  };
  std::unique_ptr<curl_slist, FreeList> headers_;
  std::unique_ptr<CURL, FreeEasy> easy_;
  char error_[CURL_ERROR_SIZE] = {};
};

// What a handle is told of certificates: the server's, and the client's own.
void set_certificates(CURL* handle, const HttpAccess& access);

// The connection was refused or broke: worth another try.
bool is_lost(CURLcode result);
// 503, or a proxy's 502 and 504: there is no server, or it has no room, for now.
bool is_away(long status);

struct ErrorAnswer {
  std::string reason;      // a sentence
  bool by_server = false;  // it is a framewire server's, not that of somebody on the way
};
// What the body of a status that is no good says. Source: PROTOCOL.md, "Close codes and errors".
ErrorAnswer read_error_answer(long status, const std::string& body);

}  // namespace framewire::cli
