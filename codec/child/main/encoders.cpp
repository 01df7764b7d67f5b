#include "codec/child/main/encoders.h"

#include <cstdio>

extern "C" {
#include <libavcodec/avcodec.h>
}

namespace framewire::codec {

int encoders_command(std::span<const std::string>) {
  const char* separator = "{";
  for (const char* name : {"libx264", "libvpx", "libvpx-vp9", "libaom-av1", "aac", "libopus"}) {
    const bool has = avcodec_find_encoder_by_name(name) != nullptr;
    std::printf("%s\"%s\":%s", separator, name, has ? "true" : "false");
    separator = ",";
  }
  std::puts("}");
  return 0;
}

}  // namespace framewire::codec
