// The entries of --allow-origin: which pages they admit, and which could never match what a browser
// sends as Origin, so that they are refused at the start. Source: RFC 6454, section 7; Fetch
// standard, "Origin header"; URL standard, "host serializing" (lower case, punycode, no default
// port).
//
//   *                       every page
//   https://a.example       this one; letters of any case, another port with :PORT
//   https://*.a.example     every host below a.example, and not a.example itself
// Thread: any.
#pragma once
#include <string>
#include <string_view>

namespace framewire::relay {

// "" for an entry that can match, else a sentence that says why it cannot.
std::string why_no_origin(std::string_view entry);
bool origin_matches(std::string_view entry, std::string_view origin);

}  // namespace framewire::relay
