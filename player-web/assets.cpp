#include "player-web/assets.h"

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>

#include "player-web/embedded.h"

namespace framewire::web {

namespace {

std::string_view content_type_of(std::string_view path) {
  if (path.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (path.ends_with(".html")) return "text/html; charset=utf-8";
  if (path.ends_with(".css")) return "text/css; charset=utf-8";
  if (path.ends_with(".svg")) return "image/svg+xml";
  if (path.ends_with(".tgz")) return "application/gzip";
  return "application/octet-stream";
}

// FNV-1a, 64 bits: an ETag must tell two versions of one file apart, not withstand an attacker.
std::string etag_of(std::string_view content) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : content) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string etag = "\"";
  for (int shift = 60; shift >= 0; shift -= 4) etag += kHex[(hash >> shift) & 0xf];
  return etag + '"';
}

constexpr std::size_t kEnding = 3;  // of ".br" and ".gz"
bool is_compressed(std::string_view path) {
  return path.ends_with(".br") || path.ends_with(".gz");
}

std::string_view content_of(const EmbeddedFile& file) {
  return {file.begin, static_cast<std::size_t>(file.end - file.begin)};
}

class Table {
 public:
  Table() {
    for (const EmbeddedFile& file : embedded_files()) {
      if (is_compressed(file.path)) continue;
      etags_.push_back(etag_of(content_of(file)));
      assets_.emplace(file.path, Asset{file.path,
                                       content_type_of(file.path),
                                       as_bytes(content_of(file)),
                                       etags_.back(),
                                       {},
                                       {}});
    }
    for (const EmbeddedFile& file : embedded_files()) {
      const std::string_view path = file.path;
      if (!is_compressed(path)) continue;
      const auto plain = assets_.find(path.substr(0, path.size() - kEnding));
      if (plain == assets_.end()) continue;
      (path.ends_with(".br") ? plain->second.brotli : plain->second.gzip) =
          as_bytes(content_of(file));
    }
  }
  const Asset* find(std::string_view path) const {
    const auto found = assets_.find(path);
    return found == assets_.end() ? nullptr : &found->second;
  }

 private:
  std::deque<std::string> etags_;  // a deque: the views into it stay valid
  std::unordered_map<std::string_view, Asset> assets_;
};

}  // namespace

const Asset* find_asset(std::string_view path) {
  static const Table table;
  return table.find(path);
}

}  // namespace framewire::web
