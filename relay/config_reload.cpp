#include "relay/config_reload.h"

namespace framewire::relay {

Config with_fixed_parts_of(const Config& running, Config fresh) {
  fresh.host = running.host;
  fresh.port = running.port;
  fresh.loops = running.loops;
  fresh.loop_fill = running.loop_fill;
  fresh.tcp_points = running.tcp_points;
  fresh.send_buffer_bytes = running.send_buffer_bytes;  // of listening sockets, handed on
  fresh.lost_after = running.lost_after;
  fresh.no_io_uring = running.no_io_uring;
  fresh.handshake_timeout = running.handshake_timeout;
  fresh.tls_self_signed = running.tls_self_signed;
  if (running.tls_self_signed || running.tls_cert.empty() || fresh.tls_cert.empty()) {
    fresh.tls_cert = running.tls_cert;
    fresh.tls_key = running.tls_key;
  }
  fresh.record_dir = running.record_dir;
  fresh.record_name = running.record_name;
  fresh.record_segment_time = running.record_segment_time;
  fresh.record_segment_bytes = running.record_segment_bytes;
  fresh.record_keep = running.record_keep;
  fresh.record_max_bytes = running.record_max_bytes;
  fresh.record_inbox_bytes = running.record_inbox_bytes;
  return fresh;
}

}  // namespace framewire::relay
