// The values of headers that are lists. Pure. Thread: any. Source: RFC 9110, section 5.6.1.
#pragma once
#include <string_view>

namespace framewire::relay {

// Without blanks and tabs before and behind.
std::string_view trimmed(std::string_view text);

// Whether a comma-separated header holds the token, in either case (RFC 9110, section 5.6.1).
bool header_lists(std::string_view header, std::string_view token);

// Whether If-None-Match names this entity tag (with its quotes): one of a list, weak or not, or `*`
// (RFC 9110, section 13.1.2).
bool names_tag(std::string_view if_none_match, std::string_view tag);

// Whether Accept-Encoding names this content coding with a weight above 0 (RFC 9110,
// section 12.5.3). A `*` counts for none: who does not name it may not know it.
bool accepts_coding(std::string_view accept_encoding, std::string_view coding);

}  // namespace framewire::relay
