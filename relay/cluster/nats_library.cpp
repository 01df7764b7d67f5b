#include "relay/cluster/nats_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

namespace framewire::relay {
namespace {

Result<NatsLibrary> load_library() {
  void* const handle = dlopen(FRAMEWIRE_LIBNATS, RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    return fail(Errc::refused,
                fmt::format("--cluster needs {} (Debian: libnats{}.{}): {}", FRAMEWIRE_LIBNATS,
                            NATS_VERSION_MAJOR, NATS_VERSION_MINOR, dlerror()));
  NatsLibrary out;
  const char* missing = nullptr;
#define FRAMEWIRE_NATS_FIND(name)                                        \
  out.name = reinterpret_cast<decltype(out.name)>(dlsym(handle, #name)); \
  if (!out.name) missing = #name;
  FRAMEWIRE_NATS_FUNCTIONS(FRAMEWIRE_NATS_FIND)
#undef FRAMEWIRE_NATS_FIND
  if (missing) return fail(Errc::refused, fmt::format("{} has no {}", FRAMEWIRE_LIBNATS, missing));
  return out;
}

}  // namespace

Result<const NatsLibrary*> NatsLibrary::load() {
  static const Result<NatsLibrary> loaded = load_library();
  if (!loaded) return tl::make_unexpected(loaded.error());
  return &*loaded;
}

}  // namespace framewire::relay
