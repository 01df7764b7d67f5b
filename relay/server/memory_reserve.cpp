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

void* resize_for_openssl(void* old, std::size_t size, const char*, int) {
  return resize_for_lws(old, size, nullptr);
}

}  // namespace

void MemoryReserve::install() {
  refill();
  std::set_new_handler(on_no_memory);
  uv_replace_allocator(allocate, resize, allocate_zeroed, std::free);
  lws_set_allocator(resize_for_lws);
  const int taken = CRYPTO_set_mem_functions(
      [](std::size_t size, const char*, int) { return size > 0 ? allocate(size) : nullptr; },
      resize_for_openssl, [](void* memory, const char*, int) { std::free(memory); });
  if (taken == 0) spdlog::warn("OpenSSL was in use already: it does without the memory reserve");
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
