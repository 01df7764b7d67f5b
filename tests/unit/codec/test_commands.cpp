#include "tests/unit/codec/test_commands.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <future>
#include <new>
#include <thread>
#include <vector>

#include "codec/child/codecs/picture_converter.h"
#include "codec/child/codecs/video_encoder.h"
#include "tests/unit/codec/swatches.h"

namespace framewire::codec {
namespace {

const char* outcome(long result) {
  return result >= 0 ? "done" : errno == EPERM ? "EPERM" : std::strerror(errno);
}

// Tries what a child must not do, and what it must still be able to.
int probe(std::span<const std::string>) {
  fmt::print("open {}\n", outcome(open("/etc/passwd", O_RDONLY)));
  fmt::print("socket {}\n", outcome(socket(AF_INET, SOCK_STREAM, 0)));
  fmt::print("fork {}\n", outcome(fork()));
  fmt::print("kill {}\n", outcome(kill(getppid(), 0)));
  fmt::print("exec {}\n", outcome(execl("/bin/true", "true", nullptr)));
  fmt::print("ptrace {}\n", outcome(prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY)));
  bool ran = false;
  std::thread{[&] { ran = true; }}.join();
  fmt::print("thread {}\n", ran ? "done" : "not run");
  return 0;
}

// One that opens a socket first, with a thread running, and keeps it.
int shut_in_later(std::span<const std::string>) {
  fmt::print("before: open {}\n", outcome(open("/etc/passwd", O_RDONLY)));
  std::array<int, 2> pair{};
  (void)socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data());
  std::promise<void> shut_in;
  std::thread other{[done = shut_in.get_future()]() mutable {
    done.wait();
    fmt::print("other thread: open {}\n", outcome(open("/etc/passwd", O_RDONLY)));
  }};
  const bool limited = limit_calls(Calls::connection).has_value();
  shut_in.set_value();
  other.join();
  int type = 0;
  socklen_t size = sizeof type;
  fmt::print("limited {}\n", limited);
  fmt::print("getsockopt {}\n", outcome(getsockopt(pair[0], SOL_SOCKET, SO_TYPE, &type, &size)));
  fmt::print("send {}\n", outcome(static_cast<int>(send(pair[0], "x", 1, 0))));
  fmt::print("connect {}\n", outcome(connect(pair[0], nullptr, 0)));
  return probe({});
}

// What stands at the descriptors from 3 on, each as far as one read gives.
int echo(std::span<const std::string> arguments) {
  for (const std::string& argument : arguments) fmt::print("{};", argument);
  std::array<char, 64> text{};
  for (int fd = kFirstDescriptor;; ++fd) {
    const ssize_t got = read(fd, text.data(), text.size());
    if (got < 0) break;
    fmt::print("{}={};", fd, std::string_view{text.data(), static_cast<std::size_t>(got)});
  }
  fmt::print("key {}", std::getenv("FRAMEWIRE_PUBLISH_KEY") ? "passed on" : "kept back");
  return 0;
}

int fail_by_itself(std::span<const std::string>) {
  fmt::print("no video track");
  return 3;
}

int wait_for_ever(std::span<const std::string>) {
  std::array<char, 1> byte{};
  return static_cast<int>(read(kFirstDescriptor, byte.data(), 1));
}

int eat_memory(std::span<const std::string>) {
  std::vector<std::unique_ptr<char[]>> eaten;
  for (int i = 0; i < 4096; ++i) {
    eaten.push_back(std::make_unique<char[]>(1u << 20));
    std::memset(eaten.back().get(), i, 1u << 20);
  }
  return 0;
}

int fill_file(std::span<const std::string>) {
  const std::vector<char> kib(1024);
  std::size_t written = 0;
  for (ssize_t put = 0; (put = write(kFirstDescriptor, kib.data(), kib.size())) > 0;)
    written += static_cast<std::size_t>(put);
  fmt::print("{} bytes, {}", written, std::strerror(errno));
  return 0;
}

// Five pictures through each encoder, on a thread as the worker's are.
int encode_all(std::span<const std::string>) {
  const auto encode = [](AVCodecID codec) {
    const VideoEncoding encoding{
        .codec = codec, .width = 1280, .height = 720, .fps = 25, .threads = 2};
    auto encoder = VideoEncoder::open(encoding);
    int packets = 0;
    for (int i = 0; encoder && i < 5; ++i) {
      PictureConverter converter{(*encoder)->form()};
      auto picture = converter.convert(*paint_swatches(1280, 720, i * 40'000));
      if (!picture) break;
      if (!(*encoder)->encode(*picture, [&](AVPacket&) -> Result<void> {
            ++packets;
            return {};
          }))
        break;
    }
    fmt::print("{} {} ", encoder ? avcodec_get_name(codec) : encoder.error().what, packets);
  };
  for (const AVCodecID codec : {AV_CODEC_ID_H264, AV_CODEC_ID_VP8, AV_CODEC_ID_VP9, AV_CODEC_ID_AV1,
                                AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MJPEG})
    std::thread{encode, codec}.join();
  return 0;
}

constexpr SandboxLimits kSmall = {.memory_bytes = 64u << 20, .file_bytes = 10u << 10};
const std::vector<ChildCommand> kCommands = {
    {"test-probe", kSmall, probe},
    {"test-shut-in-later", {.calls_later = true}, shut_in_later},
    {"test-echo", kSmall, echo},
    {"test-fail", kSmall, fail_by_itself},
    {"test-wait", kSmall, wait_for_ever},
    {"test-memory", kSmall, eat_memory},
    {"test-fill", kSmall, fill_file},
    {"test-encode", {.open_files = 4096}, encode_all},
};

}  // namespace

std::span<const ChildCommand> test_commands() {
  return kCommands;
}

}  // namespace framewire::codec
