// The playlists' text. Pure. Source: RFC 8216bis, section 4.4.
#pragma once
#include <string>
#include <string_view>

#include "relay/hls/segmenter.h"

namespace framewire::relay::hls {

// segmenter.ready(). query: what follows each URI, such as "?token=KEY" or nothing.
std::string multivariant_playlist(const Segmenter& segmenter, std::string_view query);

// skip: a delta update, if there is anything to skip (section 6.2.5.1).
std::string media_playlist(const Segmenter& segmenter, std::string_view query, bool skip);

}  // namespace framewire::relay::hls
