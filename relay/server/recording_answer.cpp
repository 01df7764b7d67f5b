// /recordings/{id}: the file, its thumbnail, and a range of it cut out. /api/v1/recordings: the
// list, deletion, and sending one away. /api/v1/streams/{stream}/record: on and off.
#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "relay/control/schema_check.h"
#include "relay/control/schemas.h"
#include "relay/record/names.h"
#include "relay/record/part_file.h"
#include "relay/server/connection.h"
#include "relay/server/file_answer.h"
#include "relay/server/lws_loop.h"
#include "relay/server/session_kinds.h"

namespace framewire::relay {
namespace {

using Route = Target::Route;

constexpr std::size_t kWishBytes = 1024;
constexpr const char* kWish = R"(the body must be {"record":true} or {"record":false})";
constexpr const char* kNotRecording = "this server records nothing: it runs without --record-dir";

std::string allow_origin(const Request& request) {
  if (request.origin.empty()) return {};
  return fmt::format("Access-Control-Allow-Origin: {}\r\nVary: Origin\r\n", request.origin);
}

std::string file_name(std::string_view id) {
  return std::string{id.substr(id.rfind('/') + 1)};
}

// A parameter that must be a count of milliseconds, if it is there.
bool read_ms(const Request& request, std::string_view name, std::int64_t& to) {
  const auto text = request.argument(name);
  if (!text) return true;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), to);
  return error == std::errc{} && end == text->data() + text->size() && to >= 0;
}

class RecordingAnswer final : public Session {
 public:
  RecordingAnswer(Connection& connection, const Admission& admission, const Request& request)
      : connection_(connection),
        target_(admission.target),
        request_(request),
        who_(admission.principal) {}

  void on_open() override {
    switch (target_.route) {
      case Route::recording:
      case Route::thumbnail:
        send_file();
        break;
      case Route::api_recordings:
        list();
        break;
      case Route::api_record:
        if (request_.content_length.value_or(0) == 0) refuse_body();
        break;
      case Route::api_upload:
        upload();
        break;
      default:
        if (request_.method == Method::del)
          remove();
        else
          cut();
    }
  }
  void on_body(Bytes bytes) override {
    if (answered_ || target_.route != Route::api_record) return;
    if (body_.size() + bytes.size() > kWishBytes || request_.chunked()) {
      refuse_body();
      return;
    }
    body_ += as_text(bytes);
  }
  void on_body_end() override {
    if (!answered_ && target_.route == Route::api_record) record();
  }
  bool awaits_body() const override { return target_.route == Route::api_record && !answered_; }
  void on_writeable() override {
    if (file_) file_->on_writeable();
  }
  void tick(Time now) override {
    if (file_) file_->tick(now);
  }
  void dismiss(const Dismissal& why) override {
    if (file_ || answered_ || why.server_stops())
      connection_.end();
    else
      refuse(why.refusal, why.message);
  }

 private:
  // Runs task(*this) on the connection's loop, unless the request has gone. Any thread.
  template <class Task>
  auto later(Task task) {
    return [this, &loop = connection_.loop(), number = connection_.number(),
            task = std::move(task)](auto result) mutable {
      auto shared = std::make_shared<decltype(result)>(std::move(result));
      loop.post([this, &loop, number, task, shared] {
        const Connection* c = loop.find(number);
        if (c && c->session() == this && !answered_) task(*this, *shared);
      });
    };
  }

  FileAnswer::Wishes wishes(std::string_view content_type) const {
    FileAnswer::Wishes out = FileAnswer::wishes_of(request_);
    out.content_type = content_type;
    out.extra_headers = allow_origin(request_);
    return out;
  }

  void send_file() {
    const std::string& dir = connection_.hub().config().record_dir;
    const bool picture = target_.route == Route::thumbnail;
    const std::string absent = fmt::format("there is no recording {}", target_.recording);
    if (dir.empty()) {
      refuse(Refusal::not_found, absent);
      return;
    }
    FileAnswer::Wishes how =
        wishes(picture ? "image/jpeg" : file_kind_of(target_.recording)->content_type);
    if (request_.has_argument("download"))
      how.download_as = file_name(target_.recording) + (picture ? ".jpg" : "");
    file_.emplace(connection_, std::move(how));
    file_->send(
        picture ? thumbnail_path(dir, target_.recording) : recording_path(dir, target_.recording),
        absent);
  }

  void list() {
    Recorder* recorder = connection_.loop().recorder();
    if (!recorder) {
      respond(200, recordings_json({}));
      return;
    }
    recorder->list(
        request_.argument("stream"),
        later([](RecordingAnswer& self, const std::string& json) { self.respond(200, json); }),
        who_->may(Action::manage, ""));
  }

  void upload() {
    Recorder* recorder = connection_.loop().recorder();
    if (!recorder) {
      refuse(Refusal::not_recording, kNotRecording);
      return;
    }
    recorder->upload(
        target_.recording, later([](RecordingAnswer& self, Recorder::Sending sending) {
          switch (sending) {
            case Recorder::Sending::begun:
              self.respond(204, {});
              break;
            case Recorder::Sending::unknown:
              self.refuse(Refusal::not_found,
                          fmt::format("there is no recording {}", self.target_.recording));
              break;
            case Recorder::Sending::in_use:
              self.refuse(Refusal::recording_in_use,
                          "it is not finished: stop the recording first");
              break;
            case Recorder::Sending::nowhere:
              self.refuse(Refusal::not_uploading,
                          "this server sends nothing away: it runs without --upload-url");
          }
        }));
  }

  void remove() {
    Recorder* recorder = connection_.loop().recorder();
    if (!recorder) {
      refuse(Refusal::not_recording, kNotRecording);
      return;
    }
    recorder->remove(target_.recording, later([](RecordingAnswer& self, Recorder::Removal removal) {
                       switch (removal) {
                         case Recorder::Removal::removed:
                           self.respond(204, {});
                           break;
                         case Recorder::Removal::unknown:
                           self.refuse(Refusal::not_found, fmt::format("there is no recording {}",
                                                                       self.target_.recording));
                           break;
                         case Recorder::Removal::in_use:
                           self.refuse(Refusal::recording_in_use,
                                       "it is still being written: stop the recording first");
                       }
                     }));
  }

  void cut() {
    std::int64_t from_ms = 0, to_ms = std::numeric_limits<std::int64_t>::max();
    if (!read_ms(request_, "from_ms", from_ms) || !read_ms(request_, "to_ms", to_ms) ||
        to_ms <= from_ms) {
      refuse(Refusal::bad_request, "from_ms and to_ms are milliseconds, the first the smaller one");
      return;
    }
    Recorder* recorder = connection_.loop().recorder();
    if (!recorder) {
      refuse(Refusal::not_found, fmt::format("there is no recording {}", target_.recording));
      return;
    }
    const bool taken = recorder->cut(
        target_.recording, from_ms, to_ms,
        later([](RecordingAnswer& self, Result<Recorder::Cut>& cut) { self.give_cut(cut); }));
    if (!taken) refuse(Refusal::overloaded, "too many ranges are being cut out, or sent, already");
  }

  void give_cut(Result<Recorder::Cut>& cut) {
    if (!cut) {
      const Errc code = cut.error().code;
      refuse(code == Errc::refused           ? Refusal::not_found
             : code == Errc::malformed_media ? Refusal::malformed_media
             : code == Errc::limit_exceeded  ? Refusal::overloaded
                                             : Refusal::internal,
             cut.error().what);
      return;
    }
    FileAnswer::Wishes how = wishes(file_kind_of(target_.recording)->content_type);
    how.range.clear();  // each request cuts a file of its own
    how.download_as = "range-of-" + file_name(target_.recording);
    file_.emplace(connection_, std::move(how));
    share_ = std::move(cut->share);
    file_->send(std::move(cut->file));
  }

  void record() {
    const auto wish = read_body(body_, schema_named("RecordWish"));
    if (!wish) return refuse(Refusal::bad_request, wish.error().what + ": " + kWish);
    const bool on = (*wish)["record"].get<bool>();
    connection_.hub().record(target_.stream, on,
                             later([on](RecordingAnswer& self, Hub::Recordable answer) {
                               self.give_record(on, answer);
                             }));
  }

  void give_record(bool on, Hub::Recordable answer) {
    switch (answer) {
      case Hub::Recordable::yes:
        respond(200, nlohmann::json{{"stream", target_.stream}, {"record", on}}.dump() + "\n");
        break;
      case Hub::Recordable::no_stream:
        refuse(Refusal::not_found, fmt::format("there is no stream {}", target_.stream));
        break;
      case Hub::Recordable::no_recorder:
        refuse(Refusal::not_recording, kNotRecording);
    }
  }

  void refuse_body() {
    refuse(Refusal::bad_request, std::string{kWish} + ", with its Content-Length");
  }
  void refuse(Refusal why, std::string_view message) {
    answered_ = true;
    connection_.respond(why, message);
  }
  void respond(unsigned status, std::string_view body) {
    answered_ = true;
    HttpResponse response{status, body.empty() ? "" : "application/json", body,
                          "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n",
                          request_.method == Method::head};
    response.extra_headers += allow_origin(request_);
    connection_.respond(response);
  }

  Connection& connection_;
  const Target target_;
  const Request request_;
  const std::shared_ptr<const Principal> who_;
  std::shared_ptr<CutBudget::Share> share_;  // of what is sent, if that is a cut
  std::optional<FileAnswer> file_;
  std::string body_;
  bool answered_ = false;
};

}  // namespace

std::unique_ptr<Session> make_recording_answer(Connection& connection, const Admission& admission,
                                               const Request& request) {
  return std::make_unique<RecordingAnswer>(connection, admission, request);
}

}  // namespace framewire::relay
