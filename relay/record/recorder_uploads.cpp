// The recorder's part in uploads (--upload-url): what is finished is offered to who sends it, what
// becomes of that is written into its note, and the file goes if that is the rule and the server
// has all of it.
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <utility>

#include "relay/base/modified.h"
#include "relay/record/names.h"
#include "relay/record/part_file.h"
#include "relay/record/recorder.h"

namespace framewire::relay {

// What an earlier run did not bring to its end, or gave up, is begun again.
void Recorder::begin_uploads() {
  for (auto& [id, entry] : entries_) {
    auto& upload = entry.info.upload;
    if (!config_.uploads || entry.info.state == RecordingState::broken) upload.reset();
    if (!upload || upload->state == UploadState::done) continue;
    upload->state = UploadState::waiting;
    upload->tries = 0;
  }
  if (!config_.uploads) return;
  config_.uploads->set_listener([this](const std::string& id, const Upload& now, bool lasting) {
    post([this, id, now, lasting] { on_upload(id, now, lasting); });
  });
  offer_uploads();
}

void Recorder::owe_upload(Entry& entry) {
  if (!config_.uploads) return;
  if (!entry.info.upload) {  // begun by a server that sent nothing away
    entry.info.upload.emplace();
    note_upload(entry);
  }
  offer_upload(entry);
}

void Recorder::offer_uploads() {
  if (!config_.uploads) return;
  for (auto& [id, entry] : entries_)
    if (entry.info.state == RecordingState::done && entry.info.upload && !entry.offered &&
        entry.info.upload->state == UploadState::waiting)
      offer_upload(entry);
}

void Recorder::offer_upload(Entry& entry) {
  const RecordingInfo& info = entry.info;
  const FileKind* kind = file_kind_of(info.id);
  entry.offered =
      config_.uploads->add({info.id, info.stream, recording_path(config_.record_dir, info.id),
                            std::string{kind ? kind->content_type : ""}, info.bytes, *info.upload});
}

void Recorder::upload(const std::string& id, std::function<void(Sending)> callback) {
  post([this, id, callback = std::move(callback)] {
    const auto found = entries_.find(id);
    if (!config_.uploads) return callback(Sending::nowhere);
    if (found == entries_.end()) return callback(Sending::unknown);
    Entry& entry = found->second;
    if (entry.info.state != RecordingState::done) return callback(Sending::in_use);
    auto& upload = entry.info.upload;
    if (!upload || upload->state == UploadState::done || upload->state == UploadState::failed) {
      upload.emplace();
      note_upload(entry);
    }
    offer_upload(entry);
    callback(Sending::begun);
  });
}

void Recorder::on_upload(const std::string& id, const Upload& now, bool lasting) {
  const auto found = entries_.find(id);
  if (found == entries_.end() || !found->second.info.upload) return;
  Entry& entry = found->second;
  entry.info.upload = now;
  if (!lasting) return;
  if (now.state == UploadState::done || now.state == UploadState::failed) {
    end_upload(entry);  // which may be the end of the entry, too
    return;
  }
  if (now.state == UploadState::waiting) ++counters_.upload_retries;
  note_upload(entry);
}

void Recorder::end_upload(Entry& entry) {
  const RecordingInfo& info = entry.info;
  Upload& upload = *entry.info.upload;
  entry.offered = false;
  if (upload.state == UploadState::failed) {
    ++counters_.upload_failures;
    note_upload(entry);
    delegate_.announce(upload_event(info, false));
    return;
  }
  ++counters_.uploads;
  counters_.uploaded_bytes += info.bytes;
  struct stat here {};
  const int looked = ::stat(recording_path(config_.record_dir, info.id).c_str(), &here);
  const bool same = looked == 0 && static_cast<std::uint64_t>(here.st_size) == info.bytes &&
                    (upload.modified_ns == 0 || modified_ns(here) == upload.modified_ns);
  const bool removes = config_.upload_then_remove && upload.confirmed && same;
  if (config_.upload_then_remove && !removes) {
    upload.error = "kept here: " + (looked != 0        ? "it is gone"
                                    : upload.confirmed ? "it has changed"
                                                       : upload.error);
    spdlog::warn("recording {}: {}", info.id, upload.error);
  }
  delegate_.announce(upload_event(info, removes));
  if (!removes) return note_upload(entry);
  spdlog::info("recording {}: deleted, for it is at {}", info.id, upload.url);
  ++counters_.deletions[static_cast<std::size_t>(RecordDeletion::uploaded)];
  erase(std::string{info.id});
}

void Recorder::note_upload(const Entry& entry) {
  const std::string note = note_text(entry.info);
  const std::string path = notes_path(config_.record_dir, entry.info.id);
  // Without it the next start sends it once more.
  if (const int error = replace_file(path, as_bytes(note)))
    spdlog::warn("recording {}: {}", entry.info.id, disk_error(error, "noting", path).what);
}

}  // namespace framewire::relay
