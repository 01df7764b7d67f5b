// When a file was changed last, in nanoseconds since 1970: for comparing, as two changes within one
// tick of the kernel's clock look the same. Pure. Thread: any. Source: inode(7).
#pragma once
#include <sys/stat.h>

#include <cstdint>

namespace framewire::relay {

inline std::int64_t modified_ns(const struct stat& facts) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  return facts.st_mtim.tv_sec * kSecond + facts.st_mtim.tv_nsec;
}

}  // namespace framewire::relay
