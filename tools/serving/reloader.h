// Reads the options of a running server anew, from where it was told them at the start, and looks
// whether its certificate, or the keys of tokens, were renewed. All or nothing: with a mistake
// anywhere, all stays as it was, and the log says where it is. Thread: one, that of the signals.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "relay/server/server.h"
#include "tools/serving/ban_file.h"
#include "tools/serving/hook_source.h"
#include "tools/serving/key_source.h"
#include "tools/serving/serve_options.h"

namespace framewire::cli {

class Reloader {
 public:
  // keys, hook: that settings.config uses.
  Reloader(relay::Server& server, ServeSettings settings, Flags flags, Environment environment,
           KeySource& keys, HookSource& hook, BanFile bans);

  void reload();
  // What the API has handed in (relay/server/config_desk.h): holds until the next reload().
  void take_orders();
  // Once a second or so: a certificate that was replaced is shown from then on, and new keys of
  // tokens are used. What is half replaced is tried again.
  void look_at_files();

 private:
  using Stamp = std::array<std::int64_t, 8>;  // of both files: device, inode, size, time
  Stamp stamp() const;
  Result<relay::ConfigState> follow(const relay::ConfigOrder& order);
  void look_at_certificate();
  bool has_certificate() const {
    return !settings_.config.tls_cert.empty() && !settings_.config.tls_self_signed;
  }

  relay::Server& server_;
  ServeSettings settings_;
  const Flags flags_;
  const Environment environment_;
  KeySource& keys_;
  HookSource& hook_;
  const BanFile bans_;
  Stamp shown_{};   // of what is shown
  Stamp failed_{};  // of what could not be
  bool told_ = false;
};

}  // namespace framewire::cli
