#include "codec/child/live/job_runner.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <set>

#include "codec/child/containers/mp4_fragment.h"
#include "codec/child/containers/producer_time.h"
#include "codec/child/live/job_input.h"
#include "codec/child/live/picture_rendition.h"
#include "codec/child/live/remux.h"
#include "codec/child/live/stills.h"
#include "ingest/base/try.h"
#include "ingest/wire/server_text.h"

namespace framewire::codec {
namespace {

constexpr int kEncoderNiceness = 5;
constexpr std::string_view kDated = "h264";
// A source that is farther behind than this is not waited for.
constexpr std::int64_t kLongestSkipUs = 10'000'000;

class JobRunner {
 public:
  JobRunner(const JobSpec& job, UniqueFd socket)
      : job_(job),
        socket_(std::move(socket)),
        input_(
            socket_.get(), [this] { return on_idle(); },
            [this] {
              if (remux_) remux_->on_quiet();
            }) {}

  void run() {
    const Output* output = output_named(job_.output);
    if (!output) return say(WorkerEvent::refused, "there is no such rendition");
    // Encoders stand behind the threads that serve, and behind those that only copy.
    if (output->encodes) (void)setpriority(PRIO_PROCESS, 0, kEncoderNiceness);
    OutputState state;
    while (await_epoch()) {
      if (makes_pictures(output->name)) {
        if (!goes_on(*output, run_stills(*output))) return;
        continue;
      }
      if (is_pictures(pictures_.format)) {
        if (!goes_on(*output, run_pictures(*output))) return;
        continue;
      }
      Remux remux{pictures_.format,
                  *output,
                  job_,
                  [this](std::span<std::byte> to) { return read(to); },
                  [this](Bytes bytes) { return write(bytes); },
                  [this](const std::string& what) { left_out(what); },
                  state};
      remux_ = &remux;
      const auto done = remux.run();
      remux_ = nullptr;
      if (closed_) return;
      if (done) continue;
      return say_why(*output, read_error_ ? *read_error_ : done.error());
    }
    if (!closed_) say(WorkerEvent::ended, "");
  }

 private:
  bool on_idle() {
    if (stills_) stills_->on_idle(socket_.get());
    return remux_ && remux_->on_idle();
  }

  // What is told after an epoch; false: the job is over.
  bool goes_on(const Output& output, const Result<void>& done) {
    if (closed_) return false;
    if (done && !read_error_) return true;
    say_why(output, read_error_ ? *read_error_ : done.error());
    return false;
  }

  // An epoch of an origin of pictures as video.
  Result<void> run_pictures(const Output& output) {
    if (!job_.transcoding)
      return fail(Errc::unsupported_format,
                  "this stream has pictures, and nothing is encoded here");
    RETURN_IF_ERROR(PictureRendition::fits(output));
    (void)setpriority(PRIO_PROCESS, 0, kEncoderNiceness);
    PictureRendition rendition{name(), pictures_, output, *job_.transcoding,
                               [this](Bytes bytes) { return write(bytes); }};
    auto done = for_each_picture([&] {
      return rendition.take(message_.payload, message_.header.pts_us, message_.header.clock_us);
    });
    if (done && !closed_ && !read_error_) done = rendition.finish();
    return done;
  }

  // An epoch of any origin as JPEG pictures.
  Result<void> run_stills(const Output& output) {
    Stills stills{name(), output, [this](Bytes bytes) { return write(bytes); }};
    stills_ = &stills;
    const auto done =
        is_pictures(pictures_.format)
            ? for_each_picture([&] { return stills.take(pictures_, message_.payload); })
            : stills.run(pictures_.format, [this](std::span<std::byte> to) { return read(to); });
    stills_ = nullptr;
    return done;
  }

  template <class Take>
  Result<void> for_each_picture(const Take& take) {
    Result<void> done;
    while (done && !next_epoch_ && !over())
      if (advance() && !message_.text && !message_.header.is_init()) done = take();
    return done;
  }

  std::string name() const { return fmt::format("{}.{}", job_.stream, job_.output); }

  // Reads on to the next epoch; false: there is none.
  bool await_epoch() {
    while (!next_epoch_ && !over()) (void)advance();
    in_epoch_ = std::exchange(next_epoch_, false);
    return in_epoch_;
  }
  bool over() const { return origin_ended_ || closed_ || read_error_; }

  // What FFmpeg reads: the payloads of this epoch, then the end.
  int read(std::span<std::byte> to) {
    while (payload_.empty())
      if (next_epoch_ || over() || !advance()) return 0;
    const std::size_t size = std::min(to.size(), payload_.size());
    std::memcpy(to.data(), payload_.data(), size);
    payload_ = payload_.subspan(size);
    return static_cast<int>(size);
  }

  // The next message. False when it was the last of the epoch, or none came.
  bool advance() {
    auto message = input_.next();
    if (!message) {
      read_error_ = message.error();
      return false;
    }
    if (!*message) {
      closed_ = true;
      return false;
    }
    if (!(*message)->text) {
      message_ = **message;
      if (epoch_from_us_ == 0 && !message_.header.is_init())
        epoch_from_us_ = message_.header.clock_us;
      payload_ = was_shown() ? Bytes{} : message_.payload;
      return true;
    }
    message_.text = true;
    return take_text(as_text((*message)->payload));
  }

  // This output was made from another source up to job_.from_us: what the one that is read now has
  // of the time before has been shown.
  bool was_shown() {
    if (job_.from_us == 0 || goes_on_ || message_.header.is_init()) return false;
    if (const auto time = producer_time_us(message_.payload)) made_of_us_ = time;
    const bool begins = std::exchange(epoch_begins_, false) || message_.header.group_start();
    const bool due = !made_of_us_ || *made_of_us_ >= job_.from_us ||
                     message_.header.clock_us > job_.from_us + kLongestSkipUs;
    goes_on_ = due && begins;
    return !goes_on_;
  }

  bool take_text(std::string_view text) {
    const ServerText message = read_server_text(text);
    if (std::holds_alternative<EndText>(message)) {
      origin_ended_ = true;
      return false;
    }
    const auto* epoch = std::get_if<StreamText>(&message);
    if (!epoch) return true;
    if (!epoch->format) {
      read_error_ = Error{Errc::protocol, "an epoch without a format"};
      return false;
    }
    pictures_ = {.format = *epoch->format,
                 .width = static_cast<int>(epoch->width),
                 .height = static_cast<int>(epoch->height),
                 .fps = epoch->fps,
                 .resize = epoch->resize};
    next_epoch_ = epoch_begins_ = true;
    epoch_from_us_ = 0;
    return false;
  }

  // All of it, however slow the server; or an AVERROR.
  int write(Bytes media) {
    // HLS is dated by it, and who turns to this source finds where to go on.
    if (job_.output == kDated &&
        (told_received_us_ != message_.header.clock_us || mp4_fragment_leads(media))) {
      const Buffer time = producer_time_box(media, message_.header.clock_us);
      if (!time.empty() && !send_frame(WorkerEvent::media, time)) return AVERROR(EPIPE);
      if (!time.empty()) told_received_us_ = message_.header.clock_us;
    }
    while (!media.empty()) {
      const Bytes piece = media.first(std::min(media.size(), kMaxJobFrame - 1));
      if (!send_frame(WorkerEvent::media, piece)) return AVERROR(EPIPE);
      media = media.subspan(piece.size());
    }
    return 0;
  }

  // Once, however often the media begins anew.
  void left_out(const std::string& what) {
    if (!left_out_.insert(what).second) return;
    spdlog::info("{}: {}", name(), what);
    say(WorkerEvent::left_out, what);
  }

  void say_why(const Output& output, const Error& error) {
    spdlog::info("{}.{}: {}", job_.stream, job_.output, error.what);
    if (error.code != Errc::unsupported_format)
      say(WorkerEvent::failed, error.what);
    else if (job_.transcoding && !output.instead.empty())
      say(WorkerEvent::use_source, to_text(Instead{std::string{output.instead}, epoch_from_us_}));
    else
      say(WorkerEvent::refused, error.what);
  }
  void say(WorkerEvent kind, std::string_view text) { send_frame(kind, as_bytes(text)); }

  bool send_frame(WorkerEvent kind, Bytes payload) {
    Buffer head;
    append_head(head, {kind, payload.size()});
    std::array<iovec, 2> parts{
        {{head.data(), head.size()}, {const_cast<std::byte*>(payload.data()), payload.size()}}};
    for (std::size_t left = head.size() + payload.size(); left > 0;) {
      msghdr message{};
      message.msg_iov = parts.data();
      message.msg_iovlen = parts.size();
      const ssize_t put = sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) {
        closed_ = true;
        return false;
      }
      left -= static_cast<std::size_t>(put);
      auto done = static_cast<std::size_t>(put);
      for (iovec& part : parts) {
        const std::size_t of_this = std::min(done, part.iov_len);
        part.iov_base = static_cast<std::byte*>(part.iov_base) + of_this;
        part.iov_len -= of_this;
        done -= of_this;
      }
    }
    return true;
  }

  const JobSpec job_;
  UniqueFd socket_;
  JobInput input_;
  Remux* remux_ = nullptr;                            // while one runs
  Stills* stills_ = nullptr;                          // likewise
  PictureOrigin pictures_{.format = Format::binary};  // of this epoch; most count for pictures only
  JobMessage message_;                                // read last
  Bytes payload_;                                     // of it, what is left
  std::int64_t told_received_us_ = 0;                 // of a message: in what was written
  std::int64_t epoch_from_us_ = 0;                    // the clock of its first part; 0: none came
  std::optional<std::int64_t> made_of_us_;            // was_shown(): newest time that was told
  bool epoch_begins_ = false;
  bool goes_on_ = false;
  bool next_epoch_ = false;
  bool in_epoch_ = false;
  bool origin_ended_ = false;
  bool closed_ = false;  // by the server
  std::optional<Error> read_error_;
  std::set<std::string> left_out_;  // told
};

}  // namespace

void run_job(const JobSpec& job, UniqueFd socket) {
  JobRunner{job, std::move(socket)}.run();
}

}  // namespace framewire::codec
