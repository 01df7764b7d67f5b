// What the kernel knows of a TCP socket. Thread: any.  Source: tcp(7), socket(7).
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace framewire::relay {

// No delay, a send buffer of so many bytes, and an end within about `lost_after` once the other
// side's machine or network is gone, be it while something is on its way or not. unacked_after: at
// most so long may a peer that answers take nothing.
void prepare_socket(int socket, std::size_t send_buffer_bytes, std::chrono::milliseconds lost_after,
                    std::chrono::milliseconds unacked_after);
// Handed over, and not acknowledged by the peer's kernel.
std::size_t unsent_bytes(int socket);
// Arrived, and not read.
std::size_t unread_bytes(int socket);
// Acknowledged by the peer's kernel since the connection began; its change is progress.
std::uint64_t acked_bytes(int socket);
// The other end's, in numbers; "" = not known.
std::string peer_address(int socket);

}  // namespace framewire::relay
