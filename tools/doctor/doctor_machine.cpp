// What a server finds on this machine: files, limits, memory, clock, encoders.
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "codec/child_process.h"
#include "relay/server/uring_sender.h"
#include "relay/tls/tls_files.h"
#include "tools/doctor/doctor.h"

namespace framewire::cli {
namespace {

constexpr rlim_t kOwnDescriptors = 200;  // what a server has open without a viewer
constexpr std::size_t kMiB = 1u << 20;

void examine_descriptors(std::size_t max_viewers, Findings& out) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t most = limit.rlim_max;
  const rlim_t viewers = most > kOwnDescriptors ? most - kOwnDescriptors : 0;
  if (viewers >= max_viewers) {
    out.push_back({Grade::ok, fmt::format("descriptors: enough for {} viewers", max_viewers)});
    return;
  }
  out.push_back({viewers < kOwnDescriptors ? Grade::wrong : Grade::warning,
                 fmt::format("descriptors: {} open files are allowed, which leaves {} viewers of "
                             "--max-viewers {}",
                             most, viewers, max_viewers),
                 "raise the limit: LimitNOFILE= of the systemd unit, or ulimit -Hn"});
}

void examine_io_uring(Findings& out) {
  if (relay::open_uring_sender())
    out.push_back({Grade::ok, "io_uring: works, one system call for many viewers"});
  else
    out.push_back({Grade::warning, "io_uring: this kernel or container does not let it be",
                   "nothing breaks, each viewer costs a system call; allow io_uring_setup and "
                   "io_uring_enter, or see kernel.io_uring_disabled"});
}

void examine_memory(Findings& out) {
  std::ifstream file{"/proc/meminfo"};
  std::string name, unit;
  std::size_t kib = 0, available = 0;
  while (file >> name >> kib) {
    std::getline(file, unit);
    if (name == "MemAvailable:") available = kib << 10;
  }
  // Of a container, where there is one (cgroup v2).
  std::ifstream most{"/sys/fs/cgroup/memory.max"}, used{"/sys/fs/cgroup/memory.current"};
  std::size_t limit = 0, taken = 0;
  if (most >> limit && used >> taken)
    available = std::min(available, limit - std::min(limit, taken));
  const std::string shown = fmt::format("memory: {} MiB are free", available / kMiB);
  if (available >= 512 * kMiB)
    out.push_back({Grade::ok, shown});
  else
    out.push_back({available < 64 * kMiB ? Grade::wrong : Grade::warning, shown,
                   "a stream keeps --ring-size for each format, an encoder some 200 MiB"});
}

void examine_clock(Findings& out) {
  timex state{};
  const bool synchronised = adjtimex(&state) != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
  constexpr std::time_t kMade = 1'750'000'000;  // no server of this kind is older
  if (std::time(nullptr) < kMade)
    out.push_back({Grade::wrong, "clock: it stands in the past",
                   "set it: certificates and HLS depend on it"});
  else if (synchronised)
    out.push_back({Grade::ok, "clock: kept by a time server"});
  else
    out.push_back({Grade::warning, "clock: nothing keeps it",
                   "run systemd-timesyncd or chrony; HLS players compare clocks"});
}

void examine_disk(const std::string& folder, Findings& out) {
  if (folder.empty()) return;
  struct statvfs facts {};
  std::string file = folder + "/.framewire-XXXXXX";
  const int descriptor = ::mkostemp(file.data(), O_CLOEXEC);
  if (descriptor < 0) {
    out.push_back({Grade::wrong, fmt::format("recordings: {} cannot be written to", folder),
                   "make the folder, and give it to the user that runs the server"});
    return;
  }
  ::close(descriptor);
  ::unlink(file.c_str());
  if (::statvfs(folder.c_str(), &facts) != 0) return;
  const std::size_t room = static_cast<std::size_t>(facts.f_bavail) * facts.f_frsize;
  const std::string shown = fmt::format("recordings: {} MiB are free in {}", room / kMiB, folder);
  if (room >= 2048 * kMiB)
    out.push_back({Grade::ok, shown});
  else
    out.push_back({room < 64 * kMiB ? Grade::wrong : Grade::warning, shown,
                   "an hour of 4 Mb/s takes 1,800 MB: make room, or set --record-keep and "
                   "--record-max-size"});
}

void examine_certificate(const relay::Config& config, Findings& out) {
  if (config.tls_cert.empty()) return;
  if (const auto good = relay::check_tls_files(config.tls_cert, config.tls_key); !good) {
    out.push_back({Grade::wrong, "certificate: " + good.error().what,
                   "renew it, and name both files in --tls-cert and --tls-key"});
    return;
  }
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{
      std::fopen(config.tls_cert.c_str(), "r"), std::fclose};
  const relay::Certificate certificate{file ? PEM_read_X509(file.get(), nullptr, nullptr, nullptr)
                                            : nullptr};
  int days = 0, seconds = 0;
  if (!certificate ||
      ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate.get())) != 1)
    return;
  if (days >= 14)
    out.push_back({Grade::ok, fmt::format("certificate: good for {} days", days)});
  else
    out.push_back({Grade::warning, fmt::format("certificate: ends in {} days", days),
                   "renew it; the server takes the new file by itself"});
}

void examine_encoders(const relay::Config& config, Findings& out) {
#ifdef FRAMEWIRE_WITH_FFMPEG
  if (config.no_transcode) return;
  auto child = codec::ChildProcess::start({"encoders", {}, {}});
  if (!child) {
    out.push_back({Grade::wrong, "encoders: " + child.error().what,
                   "the server starts itself anew for its media: /proc/self/exe must be there"});
    return;
  }
  const codec::ChildEnd end = child->wait();
  const auto told = nlohmann::json::parse(end.answer, nullptr, false);
  std::vector<std::string> there, missing;
  if (told.is_object())
    for (const auto& [name, has] : told.items()) (has == true ? there : missing).push_back(name);
  if (!end.good() || there.empty())
    out.push_back(
        {Grade::wrong, "encoders: " + end.describe(),
         "a container must allow namespaces, seccomp and prctl to the server's children"});
  else if (missing.empty())
    out.push_back({Grade::ok, fmt::format("encoders: {}", fmt::join(there, ", "))});
  else
    out.push_back({Grade::warning,
                   fmt::format("encoders: this FFmpeg is without {}", fmt::join(missing, ", ")),
                   "streams that must be encoded to those are refused; Debian's libavcodec has "
                   "them all"});
#else
  (void)config;
  out.push_back({Grade::warning, "encoders: none, this program was built without FFmpeg",
                 "streams are handed on as they come; build with FRAMEWIRE_WITH_FFMPEG=ON"});
#endif
}

}  // namespace

void examine_machine(const relay::Config& config, Findings& out) {
  examine_certificate(config, out);
  examine_disk(config.record_dir, out);
  examine_descriptors(config.max_viewers, out);
  examine_memory(out);
  examine_clock(out);
  examine_io_uring(out);
  examine_encoders(config, out);
}

}  // namespace framewire::cli
