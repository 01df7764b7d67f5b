#include "tools/serving/secret_files.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "relay/access/jwt/link.h"
#include "relay/access/named_keys.h"

namespace framewire::cli {
namespace {

// Keys is a type whose read(text) gives one, or what is wrong.
template <class Keys>
Result<std::shared_ptr<const Keys>> read_file_of(const char* option, const std::string& path,
                                                 std::size_t most) {
  if (path.empty()) return nullptr;
  const auto failed = [&](const std::string& what) {
    return fail(Errc::refused, fmt::format("--{} {}: {}", option, path, what));
  };
  std::ifstream in{path, std::ios::binary};
  std::string text(most + 1, '\0');  // one more than may be
  if (!in) return failed(std::strerror(errno));
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return failed("it cannot be read");
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > most) return failed(fmt::format("it has more than {} bytes", most));
  auto keys = Keys::read(text);
  if (!keys) return failed(keys.error());
  return std::make_shared<const Keys>(*std::move(keys));
}

}  // namespace

Result<void> read_secret_files(relay::Config& config) {
  auto named = read_file_of<relay::NamedKeys>("keys", config.keys_file, relay::kNamedKeysBytes);
  if (!named) return tl::make_unexpected(named.error());
  auto links = read_file_of<jwt::LinkKeys>("link-key", config.link_key_file, jwt::kLinkFileBytes);
  if (!links) return tl::make_unexpected(links.error());
  auto cluster = read_file_of<jwt::LinkKeys>("cluster-secret", config.cluster.secret_file,
                                             jwt::kLinkFileBytes);
  if (!cluster) return tl::make_unexpected(cluster.error());
  config.cluster.secret = *std::move(cluster);
  config.named_keys = *std::move(named);
  config.link_keys = *std::move(links);
  return {};
}

}  // namespace framewire::cli
