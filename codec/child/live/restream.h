// The command that passes a stream on to a server elsewhere. The address comes by the job's socket,
// as its first line, for it may hold a key, which no command line and no log may show. It is opened
// (names looked up, the handshake done) before the process may no longer open anything; only then
// media is read: FLV for RTMP, MPEG-TS for SRT, which goes out as it came.
//
//   job socket, server to child: the address, a line feed, then media until the end
//   job socket, child to server: one byte once the other server has answered
//
// Answer: why it ended, a sentence without the address.
#pragma once
#include <span>
#include <string>

namespace framewire::codec {

int restream_command(std::span<const std::string> arguments);

}  // namespace framewire::codec
