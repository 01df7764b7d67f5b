// libcurl's handles, freed when they go. Only relay/fetch includes this.
#pragma once
#include <curl/curl.h>

#include <memory>

namespace framewire::relay {

template <auto function>
struct CurlFreed {
  template <class T>
  void operator()(T* object) const {
    function(object);
  }
};
using CurlEasy = std::unique_ptr<CURL, CurlFreed<curl_easy_cleanup>>;
using CurlMulti = std::unique_ptr<CURLM, CurlFreed<curl_multi_cleanup>>;
using CurlHeaders = std::unique_ptr<curl_slist, CurlFreed<curl_slist_free_all>>;
using CurlUrl = std::unique_ptr<CURLU, CurlFreed<curl_url_cleanup>>;

// Once for the process; false: libcurl cannot be used.
bool curl_is_ready();

// What all requests have in common: no redirection is followed, no proxy asked on the way to this
// machine itself, nothing unpacked, no signal.
void set_usual_options(CURL* easy);

}  // namespace framewire::relay
