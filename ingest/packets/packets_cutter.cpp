#include "ingest/packets/packets_cutter.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "ingest/base/try.h"
#include "ingest/cut/cutter_base.h"
#include "ingest/packets/packets.h"

namespace framewire {
namespace {

class PacketsCutter final : public CutterBase {
 public:
  PacketsCutter(const CutterOptions& options, PartSink& sink) : CutterBase(options.limits, sink) {}

 private:
  Result<void> cut() override {
    while (true) {
      const Result<bool> went_on = in_init_ ? cut_init() : cut_record();
      if (!went_on) return tl::make_unexpected(went_on.error());
      if (!*went_on) return {};
    }
  }
  // A header that has come in part is not handed out yet.
  void flush(bool) override {
    if (!in_init_) emit_run();
  }
  std::string_view element_name() const override { return in_init_ ? "its configs" : "a packet"; }

  // The header and all configs, or nothing: a viewer joins with all of them.
  Result<bool> cut_init() {
    if (rest().size() < kPacketsHeaderBytes) return check_magic();
    const auto tracks = read_packets_header(rest());
    if (!tracks) return at_rest(tracks.error(), 0);
    if (*tracks > limits().tracks)
      return fail(Errc::limit_exceeded,
                  fmt::format("{} tracks, limit {}", *tracks, limits().tracks), rest_offset());
    EpochInfo info;
    std::size_t at = kPacketsHeaderBytes;
    for (unsigned n = 0; n < *tracks; ++n) {
      const Result<std::size_t> size = whole_record(at, "the configs", limits().init_bytes);
      if (!size) return tl::make_unexpected(size.error());
      if (*size == 0) return false;
      const auto config = read_packets_config(rest().subspan(at, *size));
      if (!config) return at_rest(config.error(), at);
      if (config->track != n)
        return malformed(fmt::format("the config of track {} where {} is due", config->track, n),
                         at);
      info.tracks.push_back(config->info);
      at += *size;
    }
    begin_epoch(std::move(info));
    take(at);
    CutPart init;
    init.init = true;
    emit_run(init);
    in_init_ = false;
    return true;
  }

  Result<bool> check_magic() const {
    const std::string_view start = as_text(rest().first(std::min<std::size_t>(rest().size(), 4)));
    if (kPacketsMagic.starts_with(start)) return false;
    return malformed("a stream that does not begin with a header of packets");
  }

  void begin_epoch(EpochInfo info) {
    info.format = Format::packets;
    info.mime = "application/vnd.framewire.packets";
    pictures_.reset();
    tracks_ = static_cast<unsigned>(info.tracks.size());
    for (unsigned n = 0; n < tracks_ && !pictures_; ++n)
      if (info.tracks[n].kind == TrackKind::video) pictures_ = n;
    if (pictures_) {
      info.width = info.tracks[*pictures_].width;
      info.height = info.tracks[*pictures_].height;
    }
    sink().on_epoch(info);
  }

  Result<bool> cut_record() {
    if (begins_packets(rest())) {
      emit_run();
      in_init_ = true;
      return true;
    }
    const Result<std::size_t> size = whole_record(0, "a packet", limits().element_bytes);
    if (!size) return tl::make_unexpected(size.error());
    if (*size == 0) return false;
    const auto packet = read_packets_packet(rest().first(*size));
    if (!packet) return at_rest(packet.error(), 0);
    if (packet->track >= tracks_)
      return malformed(fmt::format("a packet of track {}, of {}", packet->track, tracks_), 5);
    const bool starts = pictures_ ? packet->key && packet->track == *pictures_ : true;
    take_media(*size, starts, packet->pts_us);
    return true;
  }

  // Its size, 0 = not all of it is there.
  Result<std::size_t> whole_record(std::size_t at, std::string_view what, std::size_t limit) const {
    const Bytes record = rest().subspan(at);
    if (record.size() < kPacketsLengthBytes) return 0;
    const std::uint64_t size = packets_record_bytes(record);
    RETURN_IF_ERROR(check_size(what, at + size, limit));
    return record.size() < size ? 0 : static_cast<std::size_t>(size);
  }

  tl::unexpected<Error> at_rest(Error error, std::size_t at) const {
    error.offset += rest_offset() + at;
    return tl::make_unexpected(std::move(error));
  }

  bool in_init_ = true;
  unsigned tracks_ = 0;
  std::optional<unsigned> pictures_;  // the track that makes groups
};

}  // namespace

std::unique_ptr<Cutter> make_packets_cutter(const CutterOptions& options, PartSink& sink) {
  return std::make_unique<PacketsCutter>(options, sink);
}

}  // namespace framewire
