#include "tools/serving/upload_start.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>

#include "ingest/base/try.h"
#include "relay/fetch/upload_keys.h"
#include "relay/fetch/uploader.h"

namespace framewire::cli {
namespace {

Result<relay::UploadKeys> keys_of_file(const std::string& path) {
  const auto wrong = [&](const std::string& what) {
    return fail(Errc::refused, fmt::format("--upload-keys {}: {}", path, what));
  };
  std::ifstream in{path, std::ios::binary};
  if (!in) return wrong(std::strerror(errno));
  std::string text(relay::kUploadKeysBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return wrong("it cannot be read");
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > relay::kUploadKeysBytes)
    return wrong(fmt::format("it has more than {} bytes", relay::kUploadKeysBytes));
  auto keys = relay::read_upload_keys(text);
  if (!keys) return wrong(keys.error().what);
  return keys;
}

relay::UploadKeys keys_of(const Environment& environment) {
  relay::UploadKeys out;
  out.key_id = environment("AWS_ACCESS_KEY_ID").value_or("");
  out.secret = environment("AWS_SECRET_ACCESS_KEY").value_or("");
  out.session_token = environment("AWS_SESSION_TOKEN").value_or("");
  return out;
}

}  // namespace

Result<std::shared_ptr<relay::UploadSink>> start_uploads(const relay::Config& config,
                                                         const Environment& environment) {
  if (config.upload_url.empty()) return std::shared_ptr<relay::UploadSink>{};
  auto pattern =
      relay::UploadPattern::read(config.upload_url, config.upload_endpoint, config.upload_region);
  if (!pattern) return tl::make_unexpected(pattern.error());
  relay::UploadSettings settings;
  if (!config.upload_keys_file.empty()) {
    ASSIGN_OR_RETURN(settings.keys, keys_of_file(config.upload_keys_file));
  } else if (pattern->is_s3()) {
    settings.keys = keys_of(environment);
  }
  if (const auto why = relay::why_not_these_keys(settings.keys, pattern->is_s3()); !why.empty())
    return fail(Errc::refused, fmt::format("--upload-url: {}", why));
  if (pattern->is_s3()) settings.region = config.upload_region;
  settings.timeout = config.upload_timeout;
  settings.bytes_per_second = config.upload_rate / config.upload_parallel;
  if (config.upload_rate > 0 && settings.bytes_per_second == 0) settings.bytes_per_second = 1;
  auto sender =
      relay::make_upload_sender(*std::move(pattern), std::move(settings), config.upload_part);
  relay::Uploader::Limits limits;
  limits.parallel = config.upload_parallel;
  limits.queue = config.upload_queue;
  limits.give_up = config.upload_give_up;
  return std::make_shared<relay::Uploader>(std::move(sender), limits);
}

}  // namespace framewire::cli
