# What makes a mistake of ours a crash rather than somebody's foothold: checks of buffers and of the standard library's
# containers, a canary behind arrays on the stack, jumps only to where jumps may go, a program at a random address
# whose tables of addresses are read-only. On unless it is a debug build, or a sanitizer's, which looks for the same.
# `tests/e2e/binary.test.mjs` looks whether the program has them.
if(CMAKE_BUILD_TYPE STREQUAL "Debug" OR CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  set(FRAMEWIRE_HARDENED_BY_DEFAULT OFF)
else()
  set(FRAMEWIRE_HARDENED_BY_DEFAULT ON)
endif()
option(FRAMEWIRE_HARDENED "Compile with the hardening flags" ${FRAMEWIRE_HARDENED_BY_DEFAULT})
if(NOT FRAMEWIRE_HARDENED)
  return()
endif()

include(CheckCXXCompilerFlag)
check_cxx_compiler_flag(-fcf-protection FRAMEWIRE_HAS_CF_PROTECTION)  # x86 only
add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -D_GLIBCXX_ASSERTIONS -fstack-protector-strong
                    -fstack-clash-protection -fPIE)
if(FRAMEWIRE_HAS_CF_PROTECTION)
  add_compile_options(-fcf-protection)
endif()
add_link_options(-pie -Wl,-z,relro,-z,now,-z,noexecstack)
