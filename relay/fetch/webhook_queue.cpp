#include "relay/fetch/webhook_queue.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

namespace framewire::relay {
namespace {

constexpr std::size_t kTidyAt = 1u << 20;  // bytes of a file that are done

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (wrong != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

std::string sentence(std::string_view doing, const std::string& path) {
  return fmt::format("{} {}: {}", doing, path, std::strerror(errno));
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

// That there is no room is no mistake of whoever starts the server, and passes.
bool is_full(int error) {
  return error == ENOSPC || error == EDQUOT;
}

// So that the name of a file is there after a crash, and not its content only.
bool sync_folder(const std::string& path) {
  const std::string folder = std::filesystem::path{path}.parent_path().string();
  const UniqueFd file{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  return file.get() >= 0 && (::fsync(file.get()) == 0 || errno == EINVAL);  // none there has it
}

}  // namespace

Result<WebhookQueue> WebhookQueue::open(const std::string& folder, std::size_t limit) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  WebhookQueue out{folder + "/webhook-queue", limit};
  const std::string lock = out.path_ + ".lock";
  out.lock_ = UniqueFd{::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (out.lock_.get() < 0 && (is_full(errno) || is_full(error.value()))) {
    out.broken(sentence("opening", lock));
    return out;
  }
  if (out.lock_.get() < 0) return fail(Errc::refused, sentence("opening", lock));
  if (::flock(out.lock_.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(Errc::refused,
                fmt::format("{} is another server's: give each its own --state-dir", lock));
  // What cannot be read is not written over.
  std::error_code none;
  const auto kind = std::filesystem::status(out.path_, none).type();
  if (kind != std::filesystem::file_type::not_found && kind != std::filesystem::file_type::regular)
    return fail(Errc::refused, fmt::format("{} is no file that can be read", out.path_));
  std::ifstream file{out.path_, std::ios::binary};
  if (!file && kind == std::filesystem::file_type::regular)
    return fail(Errc::refused, sentence("reading", out.path_));
  out.read(std::string{std::istreambuf_iterator<char>{file}, {}});
  errno = 0;
  if (auto written = out.write_anew(); !written) {
    if (!is_full(errno)) return tl::make_unexpected(written.error());
    out.broken(written.error().what);  // what was there stays, and is read again
  }
  return out;
}

void WebhookQueue::read(std::string_view text) {
  std::vector<std::pair<Item, std::string>> items;
  std::set<std::uint64_t> finished;
  std::size_t strange = 0;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.starts_with('=')) {
      last_id_ = std::max(last_id_, number(line.substr(1)).value_or(0));
    } else if (line.starts_with('-')) {
      finished.insert(number(line.substr(1)).value_or(0));
    } else if (line.starts_with('+')) {
      const auto event = nlohmann::json::parse(line.substr(1), nullptr, false);
      const auto id = event.is_object() && event.value("id", nlohmann::json()).is_string()
                          ? number(event["id"].get<std::string>())
                          : std::nullopt;
      if (id && event.value("stream", nlohmann::json()).is_string())
        items.push_back({{*id, std::string{line.substr(1)}}, event["stream"].get<std::string>()});
      else
        ++strange;
    } else {
      ++strange;
    }
  }
  if (strange > 0) spdlog::warn("{}: {} lines cannot be read, and are left out", path_, strange);
  for (auto& [item, stream] : items) {
    last_id_ = std::max(last_id_, item.id);
    if (!finished.contains(item.id)) take(std::move(item), stream);
  }
}

void WebhookQueue::take(Item item, const std::string& stream) {
  bytes_ += item.json.size();
  ++size_;
  lines_[stream].push_back(std::move(item));
}

void WebhookQueue::add(const Event& event) {
  std::string json = event_json(event);
  last_id_ = std::max(last_id_, event.id);
  write("+" + json + "\n");
  take({event.id, std::move(json)}, event.stream);
  while (bytes_ > limit_ && size_ > 1) forget_oldest();
}

void WebhookQueue::done(const std::string& stream) {
  const auto line = lines_.find(stream);
  const Item& item = line->second.front();
  write(fmt::format("-{}\n", item.id));
  bytes_ -= item.json.size();
  --size_;
  line->second.pop_front();
  if (line->second.empty()) lines_.erase(line);
  if (file_bytes_ > 2 * bytes_ + kTidyAt)
    if (const auto written = write_anew(); !written) spdlog::warn("{}", written.error().what);
}

void WebhookQueue::forget_oldest() {
  const auto oldest = std::min_element(
      lines_.begin(), lines_.end(),
      [](const auto& a, const auto& b) { return a.second.front().id < b.second.front().id; });
  ++given_up_;
  done(std::string{oldest->first});
}

void WebhookQueue::broken(const std::string& why) {
  broken_ = true;
  if (!std::exchange(told_, true)) spdlog::error("{}; events wait in memory only", why);
}

void WebhookQueue::write(const std::string& text) {
  if (broken_ && !write_anew()) return;
  broken_ = false;
  if (!write_all(file_.get(), text)) return broken(sentence("writing", path_));
  told_ = false;
  dirty_ = true;
  file_bytes_ += text.size();
}

void WebhookQueue::sync() {
  // What failed once is not tried again by the kernel: all of it is written anew.
  if (std::exchange(dirty_, false) && ::fdatasync(file_.get()) != 0)
    broken(sentence("writing", path_));
}

// Beside the old one, which goes when the new one is whole.
Result<void> WebhookQueue::write_anew() {
  std::string text = fmt::format("={}\n", last_id_);
  std::vector<const Item*> items;
  for (const auto& [stream, line] : lines_)
    for (const Item& item : line) items.push_back(&item);
  std::sort(items.begin(), items.end(), [](const Item* a, const Item* b) { return a->id < b->id; });
  for (const Item* item : items) text += "+" + item->json + "\n";
  const std::string fresh = path_ + ".new";
  UniqueFd file{::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600)};
  if (file.get() < 0) return fail(Errc::refused, sentence("opening", fresh));
  const auto give_up = [&](const char* doing, const std::string& path) {
    const int why = errno;
    const std::string what = sentence(doing, path);
    ::unlink(fresh.c_str());  // half of it takes room that others need
    errno = why;
    return fail(Errc::refused, what);
  };
  if (!write_all(file.get(), text) || ::fdatasync(file.get()) != 0)
    return give_up("writing", fresh);
  if (std::rename(fresh.c_str(), path_.c_str()) != 0) return give_up("naming", path_);
  file_ = std::move(file);
  file_bytes_ = text.size();
  if (!sync_folder(path_)) return fail(Errc::refused, sentence("writing the folder of", path_));
  return {};
}

}  // namespace framewire::relay
