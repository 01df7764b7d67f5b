#include "tools/serving/key_source.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "relay/access/jwt/limits.h"
#include "relay/base/modified.h"

namespace framewire::cli {
namespace {

using relay::Clock;
using relay::Config;
using relay::KeyFetcher;
using relay::TokenKeys;

Result<jwt::KeySet> read_keys(const std::string& path) {
  const auto failed = [&](const std::string& what) {
    return fail(Errc::refused, fmt::format("--jwks {}: {}", path, what));
  };
  std::ifstream in{path, std::ios::binary};
  std::string text(jwt::kKeySetBytes + 1, '\0');  // one more than may be
  if (!in) return failed(std::strerror(errno));
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return failed("it cannot be read");
  text.resize(static_cast<std::size_t>(in.gcount()));
  auto keys = jwt::KeySet::read(text);
  if (!keys) return failed(keys.error().what);
  return keys;
}

void tell_keys(const std::string& jwks, const jwt::KeySet& keys) {
  for (const std::string& sentence : keys.left_out())
    spdlog::warn("--jwks {}: left out: {}", jwks, sentence);
  spdlog::info("--jwks {}: {} keys", jwks, keys.size());
}

}  // namespace

bool is_jwks_url(const std::string& jwks) {
  return jwks.find("://") != std::string::npos;
}

Result<std::optional<jwt::KeySet>> KeySource::read(const Config& config) {
  if (config.jwks.empty() || is_jwks_url(config.jwks)) return std::nullopt;
  read_ = stamp_of(config.jwks);
  auto keys = read_keys(config.jwks);
  if (!keys) return tl::make_unexpected(keys.error());
  return std::optional{*std::move(keys)};
}

KeySource::Before KeySource::use(std::optional<jwt::KeySet> keys, Config& config) {
  const std::array<relay::Duration, 3> times{config.jwks_every, config.jwks_pause,
                                             config.jwks_timeout};
  const bool same = config.jwks == jwks_ && (!fetcher_ || times == times_);
  Before before;
  if (!same) {
    before.fetcher = std::move(fetcher_);
    jwks_ = config.jwks;
    times_ = times;
    keys_ = jwks_.empty() ? nullptr : std::make_shared<TokenKeys>();
    if (is_jwks_url(jwks_))
      fetcher_ = std::make_unique<KeyFetcher>(
          KeyFetcher::Source{jwks_, times[0], times[1], times[2]}, keys_);
  } else if (fetcher_) {
    keys_->look_anew(Clock::now(), [] {});
  }
  if (keys) {
    shown_ = read_;
    tell_keys(jwks_, *keys);
    keys_->replace(*std::move(keys));
  }
  config.token_keys = keys_;
  return before;
}

KeySource::Stamp KeySource::stamp_of(const std::string& file) {
  struct stat facts {};
  if (::stat(file.c_str(), &facts) != 0) return {};
  return {static_cast<std::int64_t>(facts.st_dev), static_cast<std::int64_t>(facts.st_ino),
          facts.st_size, relay::modified_ns(facts)};
}

void KeySource::look_at_file() {
  if (!keys_ || fetcher_) return;
  const Stamp now = stamp_of(jwks_);
  if (now == shown_) return;
  if (auto keys = read_keys(jwks_)) {
    tell_keys(jwks_, *keys);
    keys_->replace(*std::move(keys));
    shown_ = now;
    told_ = false;
  } else if (now != failed_) {  // it may be half written
    failed_ = now;
    told_ = false;
  } else if (!std::exchange(told_, true)) {
    spdlog::warn("{}; the last good keys go on", keys.error().what);
  }
}

}  // namespace framewire::cli
