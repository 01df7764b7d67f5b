#include "tools/serving/ban_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

#include "ingest/base/unique_fd.h"
#include "relay/base/clock.h"
#include "relay/control/ban_rows.h"
#include "relay/control/schema_check.h"
#include "relay/control/schemas.h"

namespace framewire::cli {
namespace {

relay::BothClocks both_clocks() {
  return {relay::Clock::now(), relay::wall_clock_us() / 1000};
}

tl::unexpected<Error> failed(std::string_view doing, const std::string& path) {
  return fail(Errc::refused, fmt::format("{} {}: {}", doing, path, std::strerror(errno)));
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = ::write(file, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

}  // namespace

Result<void> BanFile::read(relay::Bans& to) const {
  const std::string path = folder_ + "/bans";
  if (folder_.empty() || ::access(path.c_str(), F_OK) != 0) return {};
  std::ifstream file{path, std::ios::binary};
  if (!file) return failed("reading", path);
  const auto object = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  const auto rows = object.is_object() ? object.find("bans") : object.end();
  if (!object.is_object() || rows == object.end() || !rows->is_array())
    return fail(Errc::bad_text, fmt::format("{} is no list of bans", path));
  const auto clocks = both_clocks();
  std::size_t number = 0;
  for (const nlohmann::json& row : *rows) {
    ++number;
    if (const auto wrong = relay::why_not(relay::schema_named("BanWish"), row))
      return fail(Errc::bad_text, fmt::format("{}, ban {}: {}", path, number, *wrong));
    auto wish = relay::read_ban_wish(row, clocks);
    if (!wish)
      return fail(Errc::bad_text, fmt::format("{}, ban {}: {}", path, number, wish.error().what));
    if (wish->until && *wish->until <= clocks.now) continue;
    if (const auto added = to.add(wish->kind, wish->who, wish->until, wish->reason, clocks.now);
        !added)
      return fail(Errc::bad_text, fmt::format("{}, ban {}: {}", path, number, added.error().what));
  }
  return {};
}

Result<void> BanFile::write(const relay::Bans& from) const {
  if (folder_.empty()) return {};
  const auto clocks = both_clocks();
  nlohmann::json rows = nlohmann::json::array();
  for (const relay::Ban& ban : from.list(clocks.now))
    if (!ban.configured) rows.push_back(relay::ban_wish_json(ban, clocks));
  nlohmann::json object = nlohmann::json::object();
  object["bans"] = std::move(rows);
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  const std::string path = folder_ + "/bans", fresh = path + ".new";
  {
    const UniqueFd file{::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (file.get() < 0) return failed("opening", fresh);
    const std::string text =
        object.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    if (!write_all(file.get(), text) || ::fdatasync(file.get()) != 0) {
      const auto why = failed("writing", fresh);
      ::unlink(fresh.c_str());
      return why;
    }
  }
  if (std::rename(fresh.c_str(), path.c_str()) != 0) return failed("naming", path);
  const UniqueFd folder{::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.get() < 0 || (::fsync(folder.get()) != 0 && errno != EINVAL))
    return failed("writing the folder of", path);
  return {};
}

}  // namespace framewire::cli
