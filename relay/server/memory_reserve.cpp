#include "relay/server/memory_reserve.h"

#include <libwebsockets.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <spdlog/spdlog.h>
#include <unistd.h>
#include <uv.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <new>
#include <string_view>

namespace framewire::relay {
namespace {

// Several, for allocations of several threads may fail in one second.
constexpr std::size_t kPieceBytes = 1u << 20;
std::array<std::atomic<void*>, 16> pieces;
// Until then an allocation that fails is what it is for everybody.
std::atomic<bool> installed = false;

// Without an allocation, so not by the log.
void say(std::string_view line) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

// Returns when the allocation is worth another try.
void on_no_memory() {
  for (std::atomic<void*>& piece : pieces) {
    void* const held = piece.exchange(nullptr);
    if (!held) continue;
    std::free(held);
    malloc_trim(0);
    say("framewire: memory is short: a part of the reserve is given back\n");
    return;
  }
  say("framewire: out of memory\n");
  std::_Exit(EXIT_FAILURE);
}

void* resize(void* old, std::size_t size) {
  for (;;) {
    void* const got = std::realloc(old, size);
    if (got || size == 0) return got;
    on_no_memory();
  }
}

void* allocate(std::size_t size) {
  return resize(nullptr, size == 0 ? 1 : size);
}

void* allocate_zeroed(std::size_t count, std::size_t size) {
  for (;;) {
    void* const got = std::calloc(count, size);
    if (got || count == 0 || size == 0) return got;
    on_no_memory();
  }
}

void* resize_for_lws(void* old, std::size_t size, const char*) {
  if (size > 0) return resize(old, size);
  std::free(old);
  return nullptr;
}

void* allocate_for_openssl(std::size_t size, const char*, int) {
  if (!installed.load(std::memory_order_relaxed)) return std::malloc(size);
  return size > 0 ? allocate(size) : nullptr;
}

void* resize_for_openssl(void* old, std::size_t size, const char*, int) {
  if (!installed.load(std::memory_order_relaxed)) return std::realloc(old, size);
  return resize_for_lws(old, size, nullptr);
}

void free_for_openssl(void* memory, const char*, int) {
  std::free(memory);
}

// OpenSSL takes functions only before its first allocation, and a library may make that before
// main: libssh 0.11, which FFmpeg brings on Debian 13 (on 12 it is the one of gcrypt), does in its
// constructor. So earlier than the constructors of libraries, when only libc works.
int taken_by_openssl = 0;
void give_openssl_its_functions(int, char**, char**) {
  taken_by_openssl =
      CRYPTO_set_mem_functions(allocate_for_openssl, resize_for_openssl, free_for_openssl);
}
[[gnu::section(".preinit_array"),
  gnu::used]] void (*before_libraries)(int, char**, char**) = give_openssl_its_functions;

}  // namespace

void MemoryReserve::install() {
  refill();
  installed = true;
  std::set_new_handler(on_no_memory);
  uv_replace_allocator(allocate, resize, allocate_zeroed, std::free);
  lws_set_allocator(resize_for_lws);
  if (taken_by_openssl == 0)
    spdlog::warn("OpenSSL was in use already: it does without the memory reserve");
}

void MemoryReserve::refill() {
  for (std::atomic<void*>& piece : pieces) {
    if (piece.load(std::memory_order_relaxed)) continue;
    void* const got = std::malloc(kPieceBytes);
    if (!got) return;
    void* nothing = nullptr;
    if (!piece.compare_exchange_strong(nothing, got)) std::free(got);
  }
}

}  // namespace framewire::relay
