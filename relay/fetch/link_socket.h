// A WebSocket to another node of a cluster, as a client's: connected, with TLS where the address
// says https, by libcurl, which looks up the name too; then read and written as bytes.
// Thread: one, which waits. Errors: Errc::refused with a sentence; an answer that is no upgrade is
// told with its status. Source: RFC 6455, section 4.1.
#pragma once
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"

namespace framewire::relay {

struct LinkAddress {
  std::string url;   // http://host:port or https://host:port
  std::string path;  // with its arguments
  std::string ca;    // PEM files, "" = none: who signs the other's certificate
  std::string cert;  // what is shown to it
  std::string key;
};

// Why an address is none of a node; "" = it is one.
std::string why_no_node_url(const std::string& url);

class LinkSocket {
 public:
  // Waits for `timeout` at most, or until `stopped` is true.
  static Result<std::unique_ptr<LinkSocket>> open(const LinkAddress& address,
                                                  std::chrono::milliseconds timeout,
                                                  const std::atomic<bool>& stopped);
  virtual ~LinkSocket() = default;
  virtual int fd() const = 0;
  // How many bytes came: 0 = none now, wait for fd(). Errc::refused: it is over.
  virtual Result<std::size_t> read(std::span<std::byte> to) = 0;
  // Waits until all is sent, for `timeout` at most.
  virtual Result<void> write(Bytes bytes, std::chrono::milliseconds timeout) = 0;
};

}  // namespace framewire::relay
