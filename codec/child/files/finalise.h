// What the recorder has done by a child (relay/record/finaliser.h). Each gets the film's format as
// ingest names it, and the film as its first descriptor.
//
// Exit code 0 and JSON facts: {"duration_ms", "width", "height", "packets", "pictures",
// "thumbnail"}; else JSON with `what` and, if it is so, "unreadable": true or the `errno` of
// writing.
#pragma once
#include <span>
#include <string>

namespace framewire::codec {

// FORMAT CONTAINER TITLE BEGAN_MS; film, file, thumbnail: the whole film into a seekable file.
// TITLE "" and BEGAN_MS 0 (since 1970): as the film says.
int finalise_command(std::span<const std::string> arguments);
// FORMAT; film, thumbnail: only looked at.
int examine_command(std::span<const std::string> arguments);
// FORMAT CONTAINER FROM_MS TO_MS; film, file.
int cut_command(std::span<const std::string> arguments);

}  // namespace framewire::codec
