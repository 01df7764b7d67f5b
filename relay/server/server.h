// The server: as many loops as configured, each a thread, and the relay that joins them.
// Thread: the one that started it, but for drain(), which any may call.
#pragma once
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "relay/base/config.h"
#include "relay/cluster/cluster.h"
#include "relay/server/lws_loop.h"
#include "relay/services/services.h"

namespace framewire::relay {

class Server {
 public:
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url() const;  // http://127.0.0.1:8080
  // No more connections; viewers and publishers are told 1012; wait() returns once they have gone
  // or drain_timeout is over.
  void drain();
  // From now on `fresh`; nobody is disconnected. What is of the start alone must be as it was then:
  // where it listens, its threads, whether it speaks TLS, all that the recorder's thread reads
  // (OptionRow::change). identity: for new handshakes; clients: whose certificates are taken from
  // now on, also of connections that are open. Null = as before. Any thread, one at a time.
  void reload(const Config& fresh, const std::shared_ptr<const TlsIdentity>& identity,
              const std::shared_ptr<const ClientAuthority>& clients = nullptr);
  // Who is not let in, from any thread.
  Bans& bans() { return shared_.bans; }
  // What the API wants changed is handed in there, for whoever keeps the options. Any thread.
  ConfigDesk& config_desk() { return shared_.config_desk; }
  // Blocks until drained. 0.
  int wait();

 private:
  friend Result<std::unique_ptr<Server>> start_server(const Config& config,
                                                      MakeAuthorizer make_authorizer);
  Server(const Config& config, MakeAuthorizer make_authorizer);
  Result<void> open();

  std::uint16_t port_ = 0;
  const Config config_;
  ServerShared shared_;
  std::vector<std::unique_ptr<LwsLoop>> loops_;
  std::unique_ptr<RelayWithServices>
      relay_;  // destroyed after the loops' connections, before the loops' memory
  std::unique_ptr<Cluster> cluster_;  // null: this server is alone
  std::vector<std::thread> threads_;
};

// Listens, then serves on threads of its own. tls_cert and tls_key, if given, are checked already.
// make_authorizer: who may do what, for each loop. Errors: a sentence for people: port in use,
// privileged, no such address.
Result<std::unique_ptr<Server>> start_server(
    const Config& config, MakeAuthorizer make_authorizer = make_usual_authorizer);

}  // namespace framewire::relay
