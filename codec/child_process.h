// A child process of this same program, running one of its hidden commands (codec/child): the only
// place where media is given to FFmpeg. The child shuts itself in before it reads any
// (codec/child/start/sandbox.h); it dies with the thread that started it.
//
// Or one of its commands for people (ChildSpec::public_command), which is not shut in, and has to
// see to its own end.
//
// A child has: stdin /dev/null; stdout, whose first kAnswerBytes come back as ChildEnd::answer;
// stderr of the server, for its log; the descriptors handed in as 3, 4, ...; and nothing else open.
//
// Thread: one at a time. start() takes a millisecond or two and may be called on a loop; wait() may
// not. A loop learns of the end by watching end_descriptor() (relay/child/child_watch.h).
// Errors: Errc::internal, with the system's reason.
#pragma once
#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "ingest/base/error.h"
#include "ingest/base/unique_fd.h"

namespace framewire::codec {

struct ChildSpec {
  std::string command;                 // a row of codec/child/main/commands.cpp
  std::vector<std::string> arguments;  // seen by every user of the machine: no secrets
  std::vector<int> descriptors;        // become 3, 4, ... in the child; stay the caller's as well
  // `command` is one that people type, such as render: with PATH, HOME and the like.
  bool public_command = false;
  std::vector<std::string> variables{};    // NAME=value; seen by this user only
  int error_output = -1;                   // becomes its stderr; -1: the server's
  std::string program = "/proc/self/exe";  // another one in tests
};

struct ChildEnd {
  int exit_code = 0;   // of a child that ended by itself; 0 = it did what it was asked
  int signal = 0;      // else what ended it, 0 = none
  std::string answer;  // what it wrote to stdout

  bool good() const { return exit_code == 0 && signal == 0; }
  // "ended with 1: no video track" or "was killed by signal 9 (Killed)", for a log line.
  std::string describe() const;
};

class ChildProcess {
 public:
  static constexpr std::size_t kAnswerBytes = 64u << 10;  // a pipe holds as much: no child waits

  static Result<ChildProcess> start(const ChildSpec& spec);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();  // kills a child that still runs, and reaps it

  pid_t pid() const { return pid_; }
  // Readable once the child has ended: take_end() then has the end.
  int end_descriptor() const { return pidfd_.get(); }
  // The end, once; nullopt while the child runs. Never blocks.
  std::optional<ChildEnd> take_end();
  ChildEnd wait();
  void kill();
  // SIGTERM: a public command ends in good order.
  void ask_to_end();

 private:
  ChildProcess(pid_t pid, UniqueFd pidfd, UniqueFd answer);
  std::optional<ChildEnd> reap(int options);

  pid_t pid_ = -1;  // -1: reaped
  UniqueFd pidfd_;
  UniqueFd answer_;
};

}  // namespace framewire::codec
