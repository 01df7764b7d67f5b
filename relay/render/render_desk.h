// Films of pages that the API orders: a queue, and a child process for each that is made
// (`framewire render`), so that no browser runs in the server and no loop waits. A finished film
// becomes a recording (Recorder::adopt). What was ordered is kept beside the recordings, in
// .framewire/.renders, as no stream is called: after a restart the list is as before; what waited
// or ran then has failed, `interrupted`.
//
//   loop --begin()--> queue --> RenderRun --> .framewire/.renders/ID/film.mp4 --> recorder
//
// Thread: any, but for stop(); answers come on the desk's own thread, which reads bodies, writes
// files and waits for children.
// Errors of answers: bad_text and refused (render_wish.h); limit_exceeded, too many wait
// (config.render_queue); malformed_media, there is none of this id; internal, the disk's.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "ingest/base/mutex.h"
#include "ingest/base/unique_fd.h"
#include "relay/base/config.h"
#include "relay/record/recorder.h"
#include "relay/render/render_info.h"

namespace framewire::relay {

class RenderRun;
struct RenderWish;

class RenderDesk {
 public:
  // config: render, record_dir and what begins with render_; it and the recorder outlive the desk.
  // program: what is started; this one, but in tests.
  RenderDesk(const Config& config, Recorder& recorder, std::function<void(Event)> announce,
             std::string program = "/proc/self/exe");
  ~RenderDesk();
  RenderDesk(const RenderDesk&) = delete;
  RenderDesk& operator=(const RenderDesk&) = delete;

  // What runs is interrupted. Nothing is called back after.
  void stop();

  // An answer is the JSON of the API.
  using OnAnswer = std::function<void(const Result<std::string>& json)>;
  void begin(std::string body, OnAnswer answer);
  void list(RenderQuery query, OnAnswer answer);
  void look(std::uint64_t id, OnAnswer answer);
  // What waits or runs is cancelled, and stays in the list; what has ended is forgotten: its film
  // stays a recording. The answer is "".
  void cancel(std::uint64_t id, OnAnswer answer);

 private:
  struct Job {
    RenderInfo info;
    std::string page;  // a URL, or a file
    std::vector<std::string> arguments;
    std::unique_ptr<RenderRun> run;
    bool moves = false;  // the recorder has its film

    bool over() const;
  };

  void post(std::function<void()> task);
  void run();
  void wait();
  void load();
  void load_note(const std::string& path);
  Result<std::string> begin(const std::string& body);
  Result<void> write_files(const RenderWish& wish, Job& to) const;
  void start_waiting();
  void start(Job& job);
  void look_at_runs();
  void move_film(Job& job);
  void on_moved(std::uint64_t id, bool moved, std::uint64_t bytes, const std::string& why);
  void end(Job& job);
  void fail_job(Job& job, std::string code, std::string why);
  void keep(const Job& job) const;
  void forget(std::uint64_t id);
  void forget_oldest();
  void interrupt_all();

  std::string folder_of(std::uint64_t id) const;
  std::string note_of(std::uint64_t id) const;
  std::string film_of(const Job& job) const;

  const Config& config_;
  Recorder& recorder_;
  const std::function<void(Event)> announce_;
  const std::string program_;
  const std::string folder_;
  UniqueFd wake_;

  Mutex mutex_;  // held for a push or a swap
  std::vector<std::function<void()>> tasks_ FW_GUARDED_BY(mutex_);
  bool stopping_ FW_GUARDED_BY(mutex_) = false;

  // The thread's own.
  std::map<std::uint64_t, Job> jobs_;  // by id
  std::uint64_t last_id_ = 0;
  std::thread thread_;  // the last member: it uses the others
};

}  // namespace framewire::relay
