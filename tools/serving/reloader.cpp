#include "tools/serving/reloader.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <utility>

#include "relay/base/modified.h"
#include "relay/tls/client_authority.h"
#include "relay/tls/tls_identity.h"
#include "tools/serving/secret_files.h"

namespace framewire::cli {

using relay::TlsIdentity;

Reloader::Reloader(relay::Server& server, ServeSettings settings, Flags flags,
                   Environment environment, KeySource& keys, HookSource& hook, BanFile bans)
    : server_(server),
      settings_(std::move(settings)),
      flags_(std::move(flags)),
      environment_(std::move(environment)),
      keys_(keys),
      hook_(hook),
      bans_(std::move(bans)),
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
    out[at++] = relay::modified_ns(facts);
  }
  return out;
}

void Reloader::reload() {
  auto fresh = reread_serve_settings(flags_, environment_, settings_);
  if (!fresh) {
    spdlog::error("reload: {}; all stays as it was", fresh.error());
    return;
  }
  relay::Config& config = fresh->settings.config;
  std::shared_ptr<const TlsIdentity> identity;
  if (has_certificate()) {
    auto loaded = TlsIdentity::load(config.tls_cert, config.tls_key);
    if (!loaded) {
      spdlog::error("reload: {}; all stays as it was", loaded.error().what);
      return;
    }
    identity = *std::move(loaded);
  }
  std::shared_ptr<const relay::ClientAuthority> clients;
  if (!config.client_ca.empty()) {
    auto loaded = relay::ClientAuthority::load(config.client_ca);
    if (!loaded) {
      spdlog::error("reload: {}; all stays as it was", loaded.error().what);
      return;
    }
    clients = *std::move(loaded);
  }
  if (const auto read = read_secret_files(config); !read) {
    spdlog::error("reload: {}; all stays as it was", read.error().what);
    return;
  }
  auto keys = keys_.read(config);
  if (!keys) {
    spdlog::error("reload: {}; all stays as it was", keys.error().what);
    return;
  }
  if (!fresh->kept.empty())
    spdlog::warn("reload: {} cannot change while the server runs, and stays as it was",
                 fmt::join(fresh->kept, ", "));
  if (fresh->changed.empty())
    spdlog::info("reload: no option has changed");
  else
    spdlog::info("reload: {} changed", fmt::join(fresh->changed, ", "));
  const KeySource::Before before = keys_.use(*std::move(keys), config);
  const HookSource::Before hook_before = hook_.use(config);
  server_.reload(config, identity, clients);
  spdlog::set_level(spdlog::level::from_str(fresh->settings.log_level));
  settings_ = std::move(fresh->settings);
  shown_ = stamp();
}

void Reloader::take_orders() {
  for (const auto& [order, callback] : server_.config_desk().take()) callback(follow(order));
}

// All or nothing, as a reload.
Result<relay::ConfigState> Reloader::follow(const relay::ConfigOrder& order) {
  relay::ConfigState state;
  if (order.keeps_bans)
    if (const auto kept = bans_.write(server_.bans()); !kept)
      spdlog::error("{}; the bans hold until the server ends", kept.error().what);
  if (order.changes()) {
    auto changed = change_settings(settings_, order.options);
    if (!changed) return fail(Errc::bad_text, changed.error());
    auto& restreams = changed->config.restreams;
    if (order.restream) {
      auto target = relay::parse_restream(*order.restream);
      if (!target) return tl::make_unexpected(target.error());
      if (restreams.size() >= changed->config.max_restreams)
        return fail(Errc::limit_exceeded, fmt::format("there are {} restreams, the limit "
                                                      "(--max-restreams)",
                                                      restreams.size()));
      state.restream = target->id;
      spdlog::info("by the API: {} is passed on to {}", target->pattern, target->shown);
      restreams.push_back(*std::move(target));
    }
    if (order.end_restream && std::erase_if(restreams, [&](const auto& each) {
                                return each.id == *order.end_restream;
                              }) == 0)
      return fail(Errc::refused, fmt::format("there is no restream {}", *order.end_restream));
    for (const auto& [name, text] : order.options)
      spdlog::info("by the API: {} is {} now", name, text);
    server_.reload(changed->config, nullptr);
    spdlog::set_level(spdlog::level::from_str(changed->log_level));
    settings_ = *std::move(changed);
  }
  state.options = settings_by_api(settings_);
  return state;
}

void Reloader::look_at_files() {
  look_at_certificate();
  keys_.look_at_file();
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
