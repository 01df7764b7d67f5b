// The tests of codec start this very program again as their child, with hidden commands of their
// own.
#include <gtest/gtest.h>

#include "codec/child/av/ffmpeg_error.h"
#include "tests/unit/codec/test_commands.h"

int main(int argc, char** argv) {
  if (const auto exit_code =
          framewire::codec::child_main(argc, argv, framewire::codec::test_commands()))
    return *exit_code;
  framewire::codec::log_ffmpeg_by_spdlog();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
