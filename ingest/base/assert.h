// Assertions about our own code, on in every build: a bug ends the process with one line and a core
// file instead of reading on where nothing is. Never for input: what a peer sends is an Error.
//
//   framewire: assertion failed: relay/fanout/ring.h:52: sequence < end() (loop 1, join, stream
//   cam)
//
// Doing says what a thread is at, for that line; an inner one hides the outer one until it ends.
// Cost: a comparison; for Doing a few stores. Thread: any; each thread has its own.
#pragma once
#include <string_view>

namespace framewire {

// Plain members only: no thread pays for its construction.
struct Activity {
  int loop = -1;  // index; -1: no loop's thread
  const char* what = "";
  std::string_view stream;
};
inline constinit thread_local Activity current_activity{};

class Doing {
 public:
  // what: a literal. stream: stays good as long as this object.
  Doing(unsigned loop, const char* what, std::string_view stream = {}) : before_(current_activity) {
    current_activity = {static_cast<int>(loop), what, stream};
  }
  ~Doing() { current_activity = before_; }
  Doing(const Doing&) = delete;
  Doing& operator=(const Doing&) = delete;

 private:
  const Activity before_;
};

// Writes the line to standard error and aborts. Allocates nothing.
[[noreturn]] void assertion_failed(const char* file, int line, const char* expression);

}  // namespace framewire

#define FW_ASSERT(condition)          \
  (__builtin_expect(!!(condition), 1) \
       ? void()                       \
       : ::framewire::assertion_failed(__FILE__, __LINE__, #condition))
