#include "tools/reloader.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "relay/tls_identity.h"

namespace framewire::cli {
namespace {

using relay::TlsIdentity;

// relay/config_reload.h.
constexpr std::array<std::string_view, 19> kFixed = {
    "listen",      "tcp-publish",         "tcp-watch",
    "tcp-chat",    "send-buffer",         "lost-after",
    "loops",       "loop-fill",           "log-format",
    "no-io-uring", "handshake-timeout",   "record-dir",
    "record-name", "record-segment-time", "record-segment-size",
    "record-keep", "tls-self-signed",     "record-max-size",
    "record-inbox"};

}  // namespace

bool is_fixed(const std::string& option) {
  return std::find(kFixed.begin(), kFixed.end(), option) != kFixed.end();
}

Reloader::Reloader(relay::Server& server, ServeSettings settings, Flags flags,
                   Environment environment)
    : server_(server),
      settings_(std::move(settings)),
      flags_(std::move(flags)),
      environment_(std::move(environment)),
      shown_(stamp()) {}

Reloader::Stamp Reloader::stamp() const {
  Stamp out{};
  if (!has_certificate()) return out;
  std::size_t at = 0;
  for (const std::string& file : {settings_.config.tls_cert, settings_.config.tls_key}) {
    struct stat facts {};
    if (::stat(file.c_str(), &facts) != 0) facts = {};
    out[at++] = static_cast<std::int64_t>(facts.st_dev);
    out[at++] = static_cast<std::int64_t>(facts.st_ino);
    out[at++] = facts.st_size;
    out[at++] = facts.st_mtim.tv_sec * 1'000'000'000 + facts.st_mtim.tv_nsec;
  }
  return out;
}

void Reloader::say_what_changed(const ServeSettings& fresh) const {
  std::vector<std::string> changed, fixed;
  for (const OptionRow& row : serve_option_rows()) {
    const auto before = settings_.said.find(row.name), now = fresh.said.find(row.name);
    const bool was = before != settings_.said.end(), is = now != fresh.said.end();
    if (was == is && (!was || before->second == now->second)) continue;
    const bool on_or_off = (row.name == "tls-cert" || row.name == "tls-key") && was != is;
    (is_fixed(row.name) || on_or_off ? fixed : changed).push_back(row.name);
  }
  if (!fixed.empty())
    spdlog::warn("reload: {} cannot change while the server runs, and stays as it was",
                 fmt::join(fixed, ", "));
  if (changed.empty())
    spdlog::info("reload: no option has changed");
  else
    spdlog::info("reload: {} changed", fmt::join(changed, ", "));
}

void Reloader::reload() {
  auto fresh = resolve_serve_settings(flags_, environment_);
  if (!fresh) {
    spdlog::error("reload: {}; all stays as it was", fresh.error());
    return;
  }
  std::shared_ptr<const TlsIdentity> identity;
  const bool shows = has_certificate() && !fresh->config.tls_cert.empty();
  if (shows) {
    auto loaded = TlsIdentity::load(fresh->config.tls_cert, fresh->config.tls_key);
    if (!loaded) {
      spdlog::error("reload: {}; all stays as it was", loaded.error().what);
      return;
    }
    identity = *std::move(loaded);
  }
  say_what_changed(*fresh);
  // What is fixed is compared with the start the next time, too.
  for (const OptionRow& row : serve_option_rows()) {
    if (!is_fixed(row.name)) continue;
    fresh->said.erase(row.name);
    if (const auto said = settings_.said.find(row.name); said != settings_.said.end())
      fresh->said.insert(*said);
  }
  server_.reload(fresh->config, identity);
  spdlog::set_level(spdlog::level::from_str(fresh->log_level));
  fresh->config.tls_self_signed = settings_.config.tls_self_signed;
  if (!shows) {
    fresh->config.tls_cert = settings_.config.tls_cert;
    fresh->config.tls_key = settings_.config.tls_key;
  }
  settings_ = *std::move(fresh);
  shown_ = stamp();
}

void Reloader::look_at_certificate() {
  const Stamp now = stamp();
  if (now == shown_) return;
  auto loaded = TlsIdentity::load(settings_.config.tls_cert, settings_.config.tls_key);
  if (loaded) {
    spdlog::info("the certificate in {} was replaced: new connections are shown it",
                 settings_.config.tls_cert);
    server_.reload(settings_.config, *loaded);
    shown_ = now;
    told_ = false;
    return;
  }
  // One file of the two may come a moment later.
  if (now != failed_) {
    failed_ = now;
    told_ = false;
  } else if (!std::exchange(told_, true)) {
    spdlog::warn("{}; the old certificate goes on", loaded.error().what);
  }
}

}  // namespace framewire::cli
