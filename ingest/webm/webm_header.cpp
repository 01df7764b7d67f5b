#include "ingest/webm/webm_header.h"

#include <fmt/format.h>
#include <webm/callback.h>
#include <webm/reader.h>
#include <webm/status.h>
#include <webm/webm_parser.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "ingest/webm/webm_ebml.h"
#include "ingest/webm/webm_tracks.h"

namespace framewire {
namespace {

constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::size_t kMostHeaderElements = 4096;
constexpr std::byte kSegmentOfUnknownSize[] = {std::byte{0x18}, std::byte{0x53}, std::byte{0x80},
                                               std::byte{0x67}, std::byte{0x01}, std::byte{0xFF},
                                               std::byte{0xFF}, std::byte{0xFF}, std::byte{0xFF},
                                               std::byte{0xFF}, std::byte{0xFF}, std::byte{0xFF}};

class SpanReader final : public webm::Reader {
 public:
  explicit SpanReader(Bytes bytes) : bytes_(bytes) {}

  webm::Status Read(std::size_t num_to_read, std::uint8_t* buffer,
                    std::uint64_t* num_actually_read) override {
    const std::size_t at = at_;
    const webm::Status status = Skip(num_to_read, num_actually_read);
    if (at_ > at) std::memcpy(buffer, bytes_.data() + at, at_ - at);
    return status;
  }
  webm::Status Skip(std::uint64_t num_to_skip, std::uint64_t* num_actually_skipped) override {
    const std::uint64_t there = std::min<std::uint64_t>(num_to_skip, bytes_.size() - at_);
    at_ += static_cast<std::size_t>(there);
    *num_actually_skipped = there;
    if (there == num_to_skip) return webm::Status(webm::Status::kOkCompleted);
    return webm::Status(there > 0 ? webm::Status::kOkPartial : webm::Status::kWouldBlock);
  }
  std::uint64_t Position() const override { return at_; }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
};

// Takes what libwebm reads, and looks at every element's size before libwebm makes room for it.
class HeaderCallback final : public webm::Callback {
 public:
  HeaderCallback(std::size_t bytes, const Limits& limits, WebmHeader& header)
      : bytes_(bytes), limits_(limits), header_(header) {}

  webm::Status OnElementBegin(const webm::ElementMetadata& metadata,
                              webm::Action* action) override {
    *action = webm::Action::kRead;
    position_ = metadata.position;
    if (++elements_ > kMostHeaderElements)
      return refuse(Errc::limit_exceeded,
                    fmt::format("a header of more than {} elements", kMostHeaderElements));
    if (metadata.id == webm::Id::kSegment) return kDone;
    if (metadata.size > bytes_ - std::min<std::uint64_t>(bytes_, metadata.position))
      return refuse(Errc::malformed_media,
                    fmt::format("element 0x{:X} in the header is larger than what it stands in",
                                static_cast<std::uint32_t>(metadata.id)));
    return kDone;
  }
  webm::Status OnEbml(const webm::ElementMetadata& metadata, const webm::Ebml& ebml) override {
    position_ = metadata.position;
    header_.doc_type = ebml.doc_type.value();
    if (header_.doc_type != "webm" && header_.doc_type != "matroska")
      return refuse(Errc::unsupported_format, "the EBML DocType is neither webm nor matroska");
    return kDone;
  }
  webm::Status OnInfo(const webm::ElementMetadata& metadata, const webm::Info& info) override {
    position_ = metadata.position;
    header_.timestamp_scale = info.timecode_scale.value();
    if (header_.timestamp_scale == 0 || header_.timestamp_scale > kNanosecondsPerSecond)
      return refuse(Errc::malformed_media,
                    fmt::format("a TimestampScale of {} ns", header_.timestamp_scale));
    return kDone;
  }
  webm::Status OnTrackEntry(const webm::ElementMetadata& metadata,
                            const webm::TrackEntry& entry) override {
    position_ = metadata.position;
    if (header_.tracks.size() == limits_.tracks)
      return refuse(Errc::limit_exceeded, fmt::format("more than {} tracks", limits_.tracks));
    WebmTrack track = webm_track(entry);
    if (track.number == 0)
      return refuse(Errc::malformed_media, "a TrackEntry without a TrackNumber");
    if (header_.find(track.number))
      return refuse(Errc::malformed_media, fmt::format("two tracks of number {}", track.number));
    header_.tracks.push_back(std::move(track));
    return kDone;
  }

  std::optional<Error> error;  // offset: in the bytes parsed
  std::uint64_t position() const { return position_; }

 private:
  static constexpr webm::Status kDone{webm::Status::kOkCompleted};
  webm::Status refuse(Errc code, std::string what) {
    error = Error{code, std::move(what), position_};
    return webm::Status(1);
  }

  std::size_t bytes_;
  const Limits& limits_;
  WebmHeader& header_;
  std::size_t elements_ = 0;
  std::uint64_t position_ = 0;
};

// A size of `length` bytes, behind a Void's ID.
void append_void_head(Buffer& to, std::uint64_t size, std::size_t length) {
  to.push_back(std::byte{ebml::kVoid});
  const std::uint64_t marked = size | (std::uint64_t{1} << (7 * length));
  for (std::size_t i = length; i-- > 0;)
    to.push_back(static_cast<std::byte>((marked >> (8 * i)) & 0xFF));
}

// A Void of the same number of bytes in all: its ID is one byte shorter than Duration's.
void append_void_for(Buffer& to, const ebml::ElementHead& duration, Bytes data) {
  const std::size_t size_length = duration.head_bytes - 2;
  if (size_length < 8)
    append_void_head(to, duration.size, size_length + 1);
  else
    append_void_head(to, duration.size + 1, 8);
  to.resize(to.size() + data.size() + (size_length < 8 ? 0 : 1));
}

// A live stream has no duration, and a CRC-32 over one that was taken out would be wrong.
void append_info_without_duration(Buffer& to, Bytes info) {
  const ebml::ElementHead head = ebml::read_head(info).head;
  const Bytes data = info.subspan(head.head_bytes);
  append(to, info.first(head.head_bytes));
  ebml::Children children(data);
  std::size_t copied = 0;
  while (const auto child = children.next()) {
    const Bytes element = data.subspan(child->at);
    const std::size_t end =
        child->at + ebml::read_head(element).head.head_bytes + child->data.size();
    if (child->id == ebml::kDuration) {
      append_void_for(to, ebml::read_head(element).head, child->data);
    } else {
      append(to, data.subspan(child->at, end - child->at));
      if (child->id == ebml::kCrc32) to[to.size() - (end - child->at)] = std::byte{ebml::kVoid};
    }
    copied = end;
  }
  append(to, data.subspan(copied));  // nothing, unless malformed: libwebm says so
}

}  // namespace

WebmTrack* WebmHeader::find(std::uint64_t number) {
  const auto it = std::find_if(tracks.begin(), tracks.end(),
                               [&](const WebmTrack& t) { return t.number == number; });
  return it == tracks.end() ? nullptr : &*it;
}

const WebmTrack* WebmHeader::main_video() const {
  const auto it = std::find_if(tracks.begin(), tracks.end(),
                               [](const WebmTrack& t) { return t.info.kind == TrackKind::video; });
  return it == tracks.end() ? nullptr : &*it;
}

bool WebmHeader::needs_keyframe() const {
  return std::any_of(tracks.begin(), tracks.end(),
                     [](const WebmTrack& t) { return t.needs_keyframe; });
}

EpochInfo WebmHeader::epoch_info() const {
  EpochInfo epoch;
  epoch.format = Format::webm;
  epoch.has_webm_rendition = true;
  for (const WebmTrack& track : tracks) epoch.tracks.push_back(track.info);
  if (const WebmTrack* video = main_video()) {
    epoch.width = video->info.width;
    epoch.height = video->info.height;
  }
  epoch.mime = webm_mime(doc_type, epoch.tracks);
  return epoch;
}

Result<WebmHeader> read_webm_header(const WebmElement& ebml, const WebmElement& info,
                                    const WebmElement& tracks, const Limits& limits) {
  WebmHeader header;
  Buffer& init = header.regrouped_init;
  init.reserve(ebml.bytes.size() + sizeof kSegmentOfUnknownSize + info.bytes.size() +
               tracks.bytes.size());
  append(init, ebml.bytes);
  append(init, kSegmentOfUnknownSize);
  const std::size_t info_at = init.size();
  if (!info.bytes.empty()) append_info_without_duration(init, info.bytes);
  const std::size_t tracks_at = init.size();
  append(init, tracks.bytes);
  // The parser may name a place behind its bytes: where an element would end.
  const auto within = [](const WebmElement& element, std::uint64_t at) {
    return element.offset + std::min<std::uint64_t>(at, element.bytes.size());
  };
  const auto offset_in_stream = [&](std::uint64_t at) {
    if (at >= tracks_at) return within(tracks, at - tracks_at);
    if (at >= info_at) return within(info, at - info_at);
    return within(ebml, at);
  };

  SpanReader reader(init);
  HeaderCallback callback(init.size(), limits, header);
  webm::WebmParser parser;
  const webm::Status status = parser.Feed(&callback, &reader);
  if (callback.error) {
    callback.error->offset = offset_in_stream(callback.error->offset);
    return tl::make_unexpected(*callback.error);
  }
  // All is there, so an end of bytes anywhere but after Tracks is an element cut short inside.
  if (status.code != webm::Status::kWouldBlock || reader.Position() != init.size())
    return fail(Errc::malformed_media,
                fmt::format("the WebM header is malformed (libwebm status {})", status.code),
                offset_in_stream(callback.position()));
  if (header.tracks.empty())
    return fail(Errc::malformed_media, "the Tracks element holds no track", tracks.offset);
  return header;
}

}  // namespace framewire
