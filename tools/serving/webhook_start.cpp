#include "tools/serving/webhook_start.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "relay/fetch/webhook_sender.h"
#include "relay/fetch/webhook_signature.h"

namespace framewire::cli {
namespace {

constexpr std::size_t kMostSecretBytes = 4'096;

// Without the line ends that editors leave behind it.
Result<std::string> read_secret(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file)
    return fail(Errc::refused, fmt::format("--webhook-secret-file {} cannot be read", path));
  std::string secret{std::istreambuf_iterator<char>{file}, {}};
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  if (secret.size() < relay::kLeastSecretBytes || secret.size() > kMostSecretBytes)
    return fail(Errc::refused, fmt::format("--webhook-secret-file {}: a secret has {} to {} bytes",
                                           path, relay::kLeastSecretBytes, kMostSecretBytes));
  return secret;
}

}  // namespace

Result<std::shared_ptr<relay::EventSink>> start_webhook(const relay::Config& config,
                                                        const std::filesystem::path& state) {
  if (config.webhook.empty()) return std::shared_ptr<relay::EventSink>{};
  auto secret = read_secret(config.webhook_secret_file);
  if (!secret) return tl::make_unexpected(secret.error());
  const std::string folder = config.state_dir.empty() ? state.string() : config.state_dir;
  if (folder.empty())
    return fail(Errc::refused, "--webhook needs --state-dir DIR, where events wait");
  auto queue = relay::WebhookQueue::open(folder, config.webhook_queue_bytes);
  if (!queue) return fail(Errc::refused, fmt::format("--webhook: {}", queue.error().what));
  return std::make_shared<relay::WebhookSender>(
      relay::WebhookSender::Target{config.webhook, *std::move(secret), config.webhook_timeout,
                                   config.webhook_give_up},
      *std::move(queue));
}

}  // namespace framewire::cli
