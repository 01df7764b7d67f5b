#include "relay/capture/capture_job.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "relay/capture/capture_host.h"
#include "relay/record/finaliser.h"

namespace framewire::relay {
namespace {

// So many children in a row that write nothing, and it is the frames' fault.
constexpr unsigned kChildrenTried = 3;
constexpr std::size_t kReadBytes = 4096;

}  // namespace

CaptureJob::CaptureJob(CaptureHost& host, const CaptureRequest& request, CaptureDelegate& delegate)
    : host_(host),
      stream_(request.stream),
      spec_(request.spec),
      delegate_(delegate),
      number_(host.add(*this)),
      recorder_(host.recorder()),
      channel_(host.uv(), [this](int events) { on_poll(events); }) {}

CaptureJob::~CaptureJob() {
  if (number_ != 0) {
    host_.remove(number_);
    abandon();
  }
}

// Its file comes later; frames wait for it. The one that is one too many is refused in a turn of
// its own, for its capture is still being made here.
void CaptureJob::start() {
  const std::size_t most = host_.hub().config().max_transcodes;
  if (host_.encoding() > most) {
    host_.poster(number_)([most](CaptureJob* job) {
      if (job)
        job->fail("overloaded", CloseCode::try_later,
                  fmt::format("{} captures are encoded already, the limit of this server", most));
    });
    return;
  }
  recorder_->begin_capture(stream_, spec_.container,
                           [post = host_.poster(number_), recorder = recorder_](
                               tl::expected<Recorder::CaptureFile, RecordError> made) {
                             // A std::function is copied, a descriptor is not.
                             auto shared = std::make_shared<decltype(made)>(std::move(made));
                             post([shared, recorder](CaptureJob* job) {
                               if (job)
                                 job->on_file(std::move(*shared));
                               else if (*shared)
                                 recorder->drop_capture((*shared)->id);
                             });
                           });
}

void CaptureJob::on_file(tl::expected<Recorder::CaptureFile, RecordError> made) {
  if (!made) {
    fail(std::string{to_string(made.error().fault)}, CloseCode::internal, made.error().what);
    return;
  }
  id_ = std::move(made->id);
  file_ = std::move(made->file);
  spdlog::info("stream {}: captured into {}", stream_, id_);
  if (!over_) start_child();
}

void CaptureJob::configure(PartPtr config) {
  codec::CaptureHead head;
  head.bytes = static_cast<std::uint32_t>(config->payload().size());
  head.config = true;
  config_ = Item{std::move(config), {}, head};
  send_more();
}

void CaptureJob::append(PartPtr frame, std::uint32_t hash) {
  const auto bytes = static_cast<std::uint32_t>(frame->payload().size());
  put({std::move(frame), {}, {.bytes = bytes, .hash = hash, .number = frames_++}});
}

void CaptureJob::append_sound(std::uint64_t first, Buffer samples) {
  const auto bytes = static_cast<std::uint32_t>(samples.size());
  samples_ = first + bytes / spec_.audio.bytes();
  put({nullptr, std::move(samples), {.bytes = bytes, .number = first, .sound = true}});
}

void CaptureJob::put(Item item) {
  if (over_) return;
  unwritten_.push_back(std::move(item));
  send_more();
}

bool CaptureJob::is_written(const Item& item) const {
  if (!item.head.sound) return item.head.number < spec_.written_frames;
  return item.head.number < spec_.written_samples;
}

void CaptureJob::finish(std::string incomplete) {
  if (std::exchange(finishing_, true)) return;
  incomplete_ = std::move(incomplete);
  send_more();
}

void CaptureJob::cancel() {
  stop_child();
  over_ = true;
  host_.remove(std::exchange(number_, 0));
  if (!id_.empty()) recorder_->drop_capture(id_);
}

void CaptureJob::abandon() {
  number_ = 0;
  stop_child();
  if (std::exchange(over_, true) || id_.empty()) return;
  if (spec_.written_frames == 0)
    recorder_->drop_capture(id_);
  else
    recorder_->end_capture(id_, spec_.written_frames,
                           fmt::format("it ended after {} frames", spec_.written_frames), nullptr);
}

// ---- the child

void CaptureJob::start_child() {
  auto theirs = channel_.open();
  if (!theirs) return fail("internal", CloseCode::internal, theirs.error().what);
  auto child =
      codec::ChildProcess::start({"capture", {to_json(spec_)}, {theirs->get(), file_.get()}});
  if (!child) return fail("internal", CloseCode::internal, child.error().what);
  spdlog::info("stream {}: capture child {} from frame {}", stream_, child->pid(),
               spec_.written_frames);
  child_ = std::make_unique<ChildWatch>(host_.uv(), *std::move(child),
                                        [this](const codec::ChildEnd& end) { on_child_end(end); });
  begun_at_ = spec_.written_frames;
  sent_ = sent_bytes_ = 0;
  end_sent_ = config_sent_ = false;
  send_more();
}

void CaptureJob::stop_child() {
  child_.reset();
  channel_.close();
  closed_ = false;
  news_.clear();
}

void CaptureJob::on_child_end(const codec::ChildEnd& end) {
  read();  // its last news
  stop_child();
  judge(end);
}

void CaptureJob::judge(const codec::ChildEnd& end) {
  if (end.good() && finishing_ && unwritten_.empty()) {
    over_ = true;
    keep();
    return;
  }
  const auto json = nlohmann::json::parse(end.answer, nullptr, /*allow_exceptions=*/false);
  if (json.is_object() && json.contains("errno")) {
    const RecordError error = disk_error(json.value("errno", 0), "writing", id_);
    return fail(std::string{to_string(error.fault)}, CloseCode::internal, error.what);
  }
  const std::string code = json.is_object() ? json.value("code", "") : "";
  if (!code.empty() && code != "internal")
    return fail(code, code == "encoder-failed" ? CloseCode::internal : CloseCode::bad_data,
                json.value("what", code));
  ++host_.hub().counters().codec_worker_deaths;
  fruitless_ = spec_.written_frames > begun_at_ ? 0 : fruitless_ + 1;
  spdlog::error("stream {}: capture child {}; frame {} is the next", stream_, end.describe(),
                spec_.written_frames);
  if (fruitless_ < kChildrenTried) return start_child();
  fail("encoder-failed", CloseCode::internal,
       fmt::format("{} encoders in a row died at frame {}: the last one {}", kChildrenTried,
                   spec_.written_frames, end.describe()));
}

// What is in the file is kept.
void CaptureJob::fail(std::string code, CloseCode close, std::string what) {
  over_ = true;
  stop_child();
  incomplete_ = what;
  const CloseReason ending{close, std::move(code), {Errc::internal, std::move(what)}};
  delegate_.on_failed(ending);
  if (!id_.empty() && spec_.written_frames > 0) return keep();
  if (!id_.empty()) recorder_->drop_capture(id_);
  host_.remove(std::exchange(number_, 0));
  delegate_.on_lost(ending);
}

void CaptureJob::keep() {
  unwritten_.clear();
  file_.reset();
  if (spec_.written_frames == 0) {  // it ended before its first frame
    recorder_->drop_capture(id_);
    host_.remove(std::exchange(number_, 0));
    delegate_.on_lost({CloseCode::policy, "no-frames", {Errc::refused, "no frame was captured"}});
    return;
  }
  recorder_->end_capture(id_, spec_.written_frames, incomplete_,
                         [post = host_.poster(number_)](const Finalised& result) {
                           post([result](CaptureJob* job) {
                             if (job) job->on_finalised(result);
                           });
                         });
}

void CaptureJob::on_finalised(const Finalised& result) {
  host_.remove(std::exchange(number_, 0));
  if (result.outcome == Finalised::Outcome::done)
    return delegate_.on_kept(result.info, result.info.frames);
  const RecordError error =
      result.error.value_or(RecordError{RecordFault::finaliser, "the server stops"});
  delegate_.on_lost(
      {CloseCode::internal, std::string{to_string(error.fault)}, {Errc::internal, error.what}});
}

// ---- the socket

const CaptureJob::Item* CaptureJob::next_item() const {
  if (config_ && !config_sent_) return &*config_;
  return sent_ < unwritten_.size() ? &unwritten_[sent_] : nullptr;
}

void CaptureJob::send_more() {
  while (const Item* item = channel_.is_open() ? next_item() : nullptr) {
    const Bytes payload = item->payload();
    const auto head = to_bytes(item->head);
    if (sent_bytes_ < head.size() && !send_piece(Bytes{head}.subspan(sent_bytes_))) break;
    if (!send_piece(payload.subspan(sent_bytes_ - head.size()))) break;
    if (item->head.config)
      config_sent_ = true;
    else
      ++sent_;
    sent_bytes_ = 0;
  }
  if (channel_.is_open() && finishing_ && !end_sent_ && sent_ == unwritten_.size()) {
    const auto end = to_bytes(codec::CaptureHead{});
    if (send_piece(Bytes{end}.subspan(sent_bytes_))) end_sent_ = true;
  }
  watch();
}

// False: not all of it went.
bool CaptureJob::send_piece(Bytes bytes) {
  while (!bytes.empty()) {
    const std::size_t sent = channel_.send(bytes).value_or(0);
    if (sent == 0) return false;  // full, or the child is gone, which its end will say
    sent_bytes_ += sent;
    bytes = bytes.subspan(sent);
  }
  return true;
}

void CaptureJob::watch() {
  const bool more = next_item() || (finishing_ && !end_sent_);
  channel_.watch(!closed_, more && !closed_);
}

void CaptureJob::on_poll(int events) {
  if (events & UV_READABLE) read();
  if (channel_.is_open() && (events & UV_WRITABLE)) send_more();
}

void CaptureJob::read() {
  std::array<std::byte, kReadBytes> buffer;
  const std::uint64_t before = spec_.written_frames;
  while (channel_.is_open()) {
    const auto [got, bytes] = channel_.receive(buffer);
    if (got == ChildChannel::Got::closed) {  // its end is told by the process itself
      closed_ = true;
      watch();
    }
    if (got != ChildChannel::Got::bytes) break;
    ::framewire::append(news_, bytes);
  }
  std::size_t at = 0;
  for (; news_.size() - at >= codec::kWrittenReportBytes; at += codec::kWrittenReportBytes) {
    const auto news = codec::written_report(Bytes{news_}.subspan(at));
    spec_.written_frames = std::clamp(news.written_frames, spec_.written_frames, frames_);
    spec_.written_samples = std::clamp(news.written_samples, spec_.written_samples, samples_);
    spec_.written_bytes = news.written_bytes;
  }
  news_.erase(news_.begin(), news_.begin() + static_cast<std::ptrdiff_t>(at));
  if (at == 0) return;
  const auto sent_end = unwritten_.begin() + static_cast<std::ptrdiff_t>(sent_);
  const auto kept = std::remove_if(unwritten_.begin(), sent_end,
                                   [this](const Item& item) { return is_written(item); });
  sent_ -= static_cast<std::size_t>(sent_end - kept);
  unwritten_.erase(kept, sent_end);
  recorder_->note_capture(id_, spec_.written_bytes);
  if (spec_.written_frames > before) delegate_.on_written(spec_.written_frames);
}

}  // namespace framewire::relay
