// Reads on where libwebsockets 4.1 would stop: it takes a body without Content-Length to be 100 MiB
// and drops what comes after. Opened before that, it reads the socket (through its TLS, if any)
// itself. Thread: its loop's. Lifetime: closed and then deleted by its own libuv handle.
#pragma once
#include <uv.h>

#include <functional>

#include "ingest/bytes.h"

struct lws;

namespace framewire::relay {

class BodyTap {
 public:
  // data: each piece read; an empty one is the end of the connection. libwebsockets must not read
  // any more (lws_rx_flow_control).
  static BodyTap* open(uv_loop_t& loop, lws* wsi, std::function<void(Bytes)> data);
  void close();  // nothing is called after; deletes itself

 private:
  BodyTap(lws* wsi, std::function<void(Bytes)> data) : wsi_(wsi), data_(std::move(data)) {}
  void watch(int events);
  void on_readable();
  std::ptrdiff_t read(std::byte* to, std::size_t size);

  lws* wsi_;
  std::function<void(Bytes)> data_;
  int socket_ = -1;  // a duplicate: libuv watches a descriptor once
  uv_poll_t poll_{};
  bool looked_ = false;
  bool closed_ = false;
};

}  // namespace framewire::relay
