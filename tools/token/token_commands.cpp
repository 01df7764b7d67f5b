#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

#include "ingest/base/error.h"
#include "relay/access/jwt/limits.h"
#include "relay/access/jwt/link.h"
#include "relay/access/jwt/signing_key.h"
#include "relay/access/jwt/verify.h"
#include "tools/base/exit_codes.h"
#include "tools/token/token_options.h"

namespace framewire::cli {
namespace {

// How a command ends that does not: what it says on stderr.
struct Stopped {
  ExitCode code = kExitFailed;
  std::string what;
};
template <class T>
using Outcome = tl::expected<T, Stopped>;

tl::unexpected<Stopped> stop(ExitCode code, std::string what) {
  return tl::make_unexpected(Stopped{code, std::move(what)});
}

std::string file_trouble(const std::string& path, int error) {
  return fmt::format("{}: {}", path, std::strerror(error));
}

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

// All of it, or a byte more than `limit` of what is too long.
std::optional<std::string> read_all(int descriptor, std::size_t limit) {
  std::string text(limit + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(descriptor, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

Outcome<std::string> read_file(const std::string& path) {
  const File file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.get() < 0) return stop(kExitNotFound, file_trouble(path, errno));
  auto text = read_all(file.get(), jwt::kKeySetBytes);
  if (!text) return stop(kExitNotFound, file_trouble(path, errno));
  return *std::move(text);
}

// Seen by nobody else from its first byte on, if `mode` says so.
Outcome<void> write_file(const std::string& path, const std::string& text, mode_t mode,
                         bool force) {
  if (force) ::unlink(path.c_str());
  const File file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)};
  if (file.get() < 0 && errno == EEXIST)
    return stop(kExitDisk, path + " is there already; --force writes over it");
  if (file.get() < 0) return stop(kExitDisk, file_trouble(path, errno));
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t wrote = ::write(file.get(), text.data() + at, text.size() - at);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) {
      const int error = errno;
      ::unlink(path.c_str());
      return stop(kExitDisk, file_trouble(path, error));
    }
    at += static_cast<std::size_t>(wrote);
  }
  return {};
}

jwt::Instant now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

Outcome<void> keygen(const KeygenOptions& options) {
  const std::string key_file = options.name + ".jwk";
  const std::string set_file = options.name + ".jwks";
  const bool shared = options.algorithm == jwt::Algorithm::hs256;
  if (!options.force && ::access(set_file.c_str(), F_OK) == 0)
    return stop(kExitDisk, set_file + " is there already; --force writes over it");
  const auto key = jwt::SigningKey::generate(options.algorithm, options.key_id);
  if (auto good = write_file(key_file, key.private_jwk(), 0600, options.force); !good) return good;
  if (auto good = write_file(set_file, key.public_set(), shared ? 0600 : 0644, options.force);
      !good)
    return good;
  fmt::print("{}: signs tokens ({}, kid {}); for nobody else\n{}: verifies them; {}\n", key_file,
             to_string(options.algorithm), key.key_id(), set_file,
             shared ? "holds the same secret" : "for servers");
  return {};
}

Outcome<void> sign(const SignOptions& options) {
  const auto text = read_file(options.key_file);
  if (!text) return tl::make_unexpected(text.error());
  auto key = jwt::SigningKey::read(*text);
  if (!key) return stop(kExitFailed, fmt::format("{}: {}", options.key_file, key.error().what));
  if (!options.key_id.empty()) key->set_key_id(options.key_id);
  const auto seconds = now().time_since_epoch();
  nlohmann::json claims{{"iat", seconds.count()}, {"exp", (seconds + options.life).count()}};
  if (!options.subject.empty()) claims["sub"] = options.subject;
  if (!options.issuer.empty()) claims["iss"] = options.issuer;
  if (options.audiences.size() == 1) claims["aud"] = options.audiences.front();
  if (options.audiences.size() > 1) claims["aud"] = options.audiences;
  for (const jwt::Right& right : options.rights)
    claims[options.claim].push_back(
        {{"action", to_string(right.action)}, {"stream", right.stream}});
  const auto token = key->sign(claims);
  if (!token) return stop(kExitFailed, token.error().what);
  fmt::print("{}\n", *token);
  return {};
}

// A file that a token was written to ends in a line end, which is none of it.
Outcome<std::string> token_from_stdin() {
  auto text = read_all(STDIN_FILENO, jwt::kTokenBytes + 2);
  if (!text) return stop(kExitNotFound, file_trouble("stdin", errno));
  for (const char end : {'\n', '\r'})
    if (text->ends_with(end)) text->pop_back();
  return *std::move(text);
}

std::string as_json(const jwt::Claims& claims) {
  nlohmann::ordered_json out;
  const auto put_time = [&](const char* name, const std::optional<jwt::Instant>& time) {
    if (time) out[name] = time->time_since_epoch().count();
  };
  if (!claims.subject.empty()) out["sub"] = claims.subject;
  if (!claims.issuer.empty()) out["iss"] = claims.issuer;
  if (!claims.audiences.empty()) out["aud"] = claims.audiences;
  put_time("iat", claims.issued);
  put_time("nbf", claims.not_before);
  put_time("exp", claims.expires);
  for (const jwt::Right& right : claims.rights)
    out["rights"].push_back({{"action", to_string(right.action)}, {"stream", right.stream}});
  return out.dump(2);
}

Outcome<void> verify_token(const VerifyTokenOptions& options) {
  const auto text = read_file(options.keys_file);
  if (!text) return tl::make_unexpected(text.error());
  const auto keys = jwt::KeySet::read(*text);
  if (!keys) return stop(kExitFailed, fmt::format("{}: {}", options.keys_file, keys.error().what));
  for (const std::string& sentence : keys->left_out())
    fmt::print(stderr, "framewire: warning: {}: {}\n", options.keys_file, sentence);
  const auto token =
      options.token == "-" ? token_from_stdin() : Outcome<std::string>{options.token};
  if (!token) return tl::make_unexpected(token.error());
  const auto claims = jwt::verify(*token, *keys, options.rules, now());
  if (!claims)
    return stop(kExitRefused,
                fmt::format("{}: {}", to_string(claims.error().fault), claims.error().what));
  fmt::print("{}\n", as_json(*claims));
  return {};
}

Outcome<void> link(const LinkOptions& options) {
  const auto text = read_file(options.key_file);
  if (!text) return tl::make_unexpected(text.error());
  const auto keys = jwt::LinkKeys::read(*text);
  if (!keys) return stop(kExitFailed, fmt::format("{}: {}", options.key_file, keys.error()));
  const jwt::Instant end = now() + options.life;
  fmt::print("{}{}?expires={}&sign={}\n", options.server,
             fmt::format(fmt::runtime(options.path), options.stream),
             end.time_since_epoch().count(), keys->sign(options.action, options.stream, end));
  return {};
}

}  // namespace

int run_token_command(const TokenCommand& command) {
  struct Run {
    Outcome<void> operator()(const KeygenOptions& options) { return keygen(options); }
    Outcome<void> operator()(const SignOptions& options) { return sign(options); }
    Outcome<void> operator()(const VerifyTokenOptions& options) { return verify_token(options); }
    Outcome<void> operator()(const LinkOptions& options) { return link(options); }
  };
  const auto done = std::visit(Run{}, command);
  if (done) return kExitDone;
  fmt::print(stderr, "framewire: {}\n", done.error().what);
  return done.error().code;
}

}  // namespace framewire::cli
