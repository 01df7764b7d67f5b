#include "tools/render/browser_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <thread>
#include <utility>

#include "tools/render/isolation.h"

namespace framewire::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 5> kBrowserNames = {
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"};
constexpr const char* kStderrFile = "/stderr.txt";
constexpr int kPipeBytes = 1 << 20;
constexpr int kPipeIn = 3, kPipeOut = 4;  // where Chromium looks for them

// Frames as they are asked for: no waiting for a screen, nothing at its own pace, nothing over the
// network but what the page asks for.
constexpr std::array<const char*, 26> kBrowserFlags = {
    "--headless=new", "--remote-debugging-pipe", "--disable-frame-rate-limit",
    "--disable-gpu-vsync", "--disable-smooth-scrolling", "--disable-quic", "--disable-sync",
    "--disable-extensions", "--disable-default-apps", "--disable-background-networking",
    "--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding", "--disable-component-update",
    "--disable-client-side-phishing-detection", "--disable-breakpad", "--disable-dev-shm-usage",
    "--disable-site-isolation-trials",
    "--disable-features=IsolateOrigins,site-per-process,PaintHolding,Translate",
    "--force-color-profile=srgb", "--hide-scrollbars", "--lang=en-US", "--metrics-recording-only",
    "--mute-audio", "--no-first-run",
    // GIFs and the like move by a clock that nobody can stop: they stand.
    "--blink-settings=imageAnimationPolicy=2"};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// All but our own, which may be keys. What it writes elsewhere would be left when it is killed.
std::vector<std::string> browser_environment(const std::string& profile) {
  // Without these it has reports of crashes in ~/.config, and a cache of settings in ~/.cache.
  std::vector<std::string> out{"TMPDIR=" + profile, "CHROME_CONFIG_HOME=" + profile,
                               "BREAKPAD_DUMP_LOCATION=" + profile, "GSETTINGS_BACKEND=memory"};
  for (char** entry = environ; entry && *entry; ++entry)
    if (const std::string_view text{*entry};
        !text.starts_with("FRAMEWIRE_") && !text.starts_with("TMPDIR=") &&
        !text.starts_with("CHROME_CONFIG_HOME=") && !text.starts_with("BREAKPAD_DUMP_LOCATION=") &&
        !text.starts_with("GSETTINGS_BACKEND="))
      out.emplace_back(text);
  return out;
}

bool can_run(const std::string& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

Rendered<std::string> find_chromium(const std::string& named) {
  if (named.find('/') != std::string::npos) {
    if (can_run(named)) return named;
    return no_film(fmt::format("--chromium: {} is no program", named), kExitNotFound);
  }
  const char* const path = std::getenv("PATH");
  const std::string_view folders = path ? path : "/usr/bin:/bin";
  std::vector<std::string> names{kBrowserNames.begin(), kBrowserNames.end()};
  if (!named.empty()) names = {named};
  for (const std::string& name : names)
    for (std::size_t at = 0; at <= folders.size();) {
      const std::size_t end = std::min(folders.find(':', at), folders.size());
      std::string whole = fmt::format("{}/{}", folders.substr(at, end - at), name);
      if (can_run(whole)) return whole;
      at = end + 1;
    }
  return no_film(
      fmt::format("there is no Chromium here ({} in PATH); install it (Debian: apt install "
                  "chromium), or say where it is: --chromium PATH",
                  fmt::join(names, ", ")),
      kExitNotFound);
}

Rendered<BrowserProcess> BrowserProcess::start(const BrowserSpec& spec) {
  BrowserProcess out;
  std::error_code nowhere;
  const fs::path temporary = fs::temp_directory_path(nowhere);
  if (nowhere)
    return no_film(
        fmt::format("no folder for the browser's profile (TMPDIR): {}", nowhere.message()),
        kExitDisk);
  std::string profile = (temporary / "framewire-render.XXXXXX").string();
  if (!::mkdtemp(profile.data()))
    return no_film(fmt::format("{}: {}", profile, std::strerror(errno)), kExitDisk);
  out.profile_ = profile;

  std::array<int, 2> in{}, back{};
  if (::pipe2(in.data(), O_CLOEXEC) != 0) return no_film(std::strerror(errno));
  out.to_.reset(in[1]);
  UniqueFd theirs_in{in[0]};
  if (::pipe2(back.data(), O_CLOEXEC) != 0) return no_film(std::strerror(errno));
  out.from_.reset(back[0]);
  UniqueFd theirs_out{back[1]};
  (void)::fcntl(back[1], F_SETPIPE_SZ, kPipeBytes);  // a picture in fewer turns
  // Above their places, so that none overwrites another.
  const UniqueFd high_in{::fcntl(theirs_in.get(), F_DUPFD_CLOEXEC, 10)};
  const UniqueFd high_out{::fcntl(theirs_out.get(), F_DUPFD_CLOEXEC, 10)};

  std::vector<std::string> words{spec.path};
  words.insert(words.end(), kBrowserFlags.begin(), kBrowserFlags.end());
  words.push_back("--user-data-dir=" + profile);
  if (!spec.gpu) {
    words.emplace_back("--disable-gpu");
    words.emplace_back("--enable-unsafe-swiftshader");  // WebGL all the same
  }
  if (spec.isolated) {
    const auto more = isolation_flags(spec.reach);
    words.insert(words.end(), more.begin(), more.end());
  }
  if (spec.files) words.emplace_back("--allow-file-access-from-files");
  if (::geteuid() == 0) words.emplace_back("--no-sandbox");  // it has none for root
  words.emplace_back("about:blank");
  std::vector<std::string> variables = browser_environment(profile);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const std::string said = profile + kStderrFile;
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, said.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, high_in.get(), kPipeIn);
  posix_spawn_file_actions_adddup2(&actions, high_out.get(), kPipeOut);
  posix_spawn_file_actions_addclosefrom_np(&actions, kPipeOut + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  const int failed = posix_spawn(&out.pid_, spec.path.c_str(), &actions, &attributes,
                                 pointers_to(words).data(), pointers_to(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) {
    out.pid_ = -1;
    return no_film(fmt::format("{}: {}", spec.path, std::strerror(failed)), kExitNotFound);
  }
  return out;
}

BrowserProcess::BrowserProcess(BrowserProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      profile_(std::exchange(other.profile_, {})),
      to_(std::move(other.to_)),
      from_(std::move(other.from_)) {}

BrowserProcess& BrowserProcess::operator=(BrowserProcess&& other) noexcept {
  if (this != &other) {
    end();
    pid_ = std::exchange(other.pid_, -1);
    profile_ = std::exchange(other.profile_, {});
    to_ = std::move(other.to_);
    from_ = std::move(other.from_);
  }
  return *this;
}

BrowserProcess::~BrowserProcess() {
  end();
}

// Nothing of its profile is wanted: there is nothing that it had to end in good order.
void BrowserProcess::end() noexcept {
  if (pid_ > 0) {
    ::kill(-pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
  }
  if (profile_.empty()) return;
  // Its children die a moment later, and may still write.
  std::error_code error;
  for (int tries = 0; tries < 20; ++tries) {
    fs::remove_all(profile_, error);
    if (!error) break;
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  profile_.clear();
}

std::string BrowserProcess::last_words() const {
  std::ifstream file{profile_ + kStderrFile};
  std::string line, last;
  while (std::getline(file, line))
    if (!line.empty()) last = line;
  return last;
}

}  // namespace framewire::cli
