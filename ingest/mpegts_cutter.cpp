#include "ingest/mpegts_cutter.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "ingest/cutter_base.h"
#include "ingest/ts_elementary.h"
#include "ingest/ts_packet.h"
#include "ingest/ts_probe.h"
#include "ingest/ts_program.h"

namespace framewire {
namespace {

using ts::kPacketBytes;

constexpr std::size_t kHeldTables = 32 * kPacketBytes;  // tables that wait for what follows them
constexpr std::size_t kHeldPes = 64u << 10;  // bytes that wait for a PES packet's first picture

// The run, from its end:
//   | decided: may go out | tables, or a PES packet whose first picture was not seen yet |
//                         ^ decided_bytes()
class MpegTsCutter final : public CutterBase {
 public:
  MpegTsCutter(const CutterOptions& options, PartSink& sink) : CutterBase(options.limits, sink) {}

 private:
  Result<void> cut() override {
    while (true) {
      if (probe_) {
        const Result<bool> probed = probe();
        if (!probed) return tl::make_unexpected(probed.error());
        if (!*probed) return {};
        if (auto began = begin_epoch(); !began) return began;
      }
      while (!probe_) {
        const Result<std::optional<ts::Packet>> packet = packet_at(0);
        if (!packet) return tl::make_unexpected(packet.error());
        if (!*packet) return {};
        on_packet(**packet);
      }
    }
  }

  // nullopt: more bytes are needed. at: in rest().
  Result<std::optional<ts::Packet>> packet_at(std::size_t at) const {
    const Bytes bytes = rest().subspan(at);
    if (!bytes.empty() && bytes[0] != ts::kSyncByte)
      return malformed("an MPEG-TS sync byte (47) is due", at);
    if (bytes.size() < kPacketBytes) return std::nullopt;
    Result<ts::Packet> packet = ts::read_packet(bytes.first(kPacketBytes));
    if (!packet) return malformed(packet.error().what, at + packet.error().offset);
    return *packet;
  }

  // True when the epoch can begin. What the probe has seen stays in rest().
  Result<bool> probe() {
    while (!probe_->done()) {
      if (probe_->bytes() + kPacketBytes > limits().init_bytes) {
        if (probe_->program()) return true;
        return fail(Errc::limit_exceeded,
                    fmt::format("MPEG-TS without a PAT and PMT in {} bytes", limits().init_bytes),
                    rest_offset());
      }
      const auto packet = packet_at(probe_->bytes());
      if (!packet && probe_->program()) return true;  // what is good before the error goes out
      if (!packet) return tl::make_unexpected(packet.error());
      if (!*packet) return at_end_ && probe_->program();
      probe_->feed(**packet, rest().subspan(probe_->bytes(), kPacketBytes));
    }
    return true;
  }

  Result<void> begin_epoch() {
    program_ = *probe_->program();
    leading_ = program_.leading() ? *program_.leading() : ts::Stream{};
    sink().on_epoch(epoch());
    CutPart init;
    init.init = true;
    if (const std::size_t bytes = probe_->leading_table_bytes(); bytes > 0) {
      // These packets are not cut again, but the tables in them must be known.
      for (std::size_t at = 0; at < bytes; at += kPacketBytes) {
        const Bytes packet = rest().subspan(at, kPacketBytes);
        tables_.feed(*ts::read_packet(packet), packet);
      }
      take(bytes);
      emit_run(init);
    } else {
      const Buffer tables = probe_->tables();
      init.joiners_only = true;
      init.payload = tables;
      sink().on_part(Rendition::origin, init);
    }
    probe_.reset();
    return {};
  }

  EpochInfo epoch() const {
    EpochInfo info;
    info.format = Format::mpegts;
    info.tracks = probe_->tracks();
    // DVB has subtitles, teletext and more: pictures and sound are named first, as many as may be.
    std::ranges::stable_partition(info.tracks,
                                  [](const TrackInfo& t) { return t.kind != TrackKind::other; });
    if (info.tracks.size() > limits().tracks) info.tracks.resize(limits().tracks);
    std::string codecs;
    for (const TrackInfo& track : info.tracks)
      if (!track.codec.empty()) codecs += (codecs.empty() ? "" : ",") + track.codec;
    info.mime = fmt::format("video/mp2t; codecs=\"{}\"", codecs);
    return info;
  }

  void on_packet(const ts::Packet& packet) {
    const Bytes bytes = rest().first(kPacketBytes);
    if (const auto program = tables_.feed(packet, bytes); program && *program != program_) {
      decide(false);
      emit(run().size());
      probe_.emplace(tables_, *program);
      program_ = *program;  // the probe and then we see this packet again
      return;
    }
    if (packet.pid == leading_.pid && packet.payload_start) {
      on_pes_start(packet);
    } else if (packet.pid != leading_.pid && tables_.is_table(packet.pid)) {
      take(kPacketBytes);
      table_bytes_ = table_bytes_ < kHeldTables ? table_bytes_ + kPacketBytes : 0;
    } else {
      if (undecided_ && packet.pid == leading_.pid) look_for_picture(packet.payload);
      take(kPacketBytes);
      table_bytes_ = 0;
    }
    if (undecided_ && run().size() - undecided_->at > kHeldPes) decide(false);
    if (decided_bytes() + kPacketBytes > limits().part_target_bytes) emit(decided_bytes());
  }

  void on_pes_start(const ts::Packet& packet) {
    decide(false);
    const auto pes = ts::read_pes_start(packet.payload);
    if (pes && pes->pts) pts_us_ = clock_.to_us(*pes->pts);
    undecided_ = Undecided{decided_bytes(), ts::KeyframeScan(leading_.codec)};
    table_bytes_ = 0;
    take(kPacketBytes);
    if (ts::kind_of(leading_.codec) != TrackKind::video || packet.random_access)
      decide(true);
    else if (pes)
      look_for_picture(pes->data);
  }

  void look_for_picture(Bytes elementary) {
    if (const auto key = undecided_->scan.feed(elementary)) decide(*key);
  }

  // The PES packet that waits starts a group, or does not.
  void decide(bool group_start) {
    if (!undecided_) return;
    const std::size_t at = undecided_->at;
    undecided_.reset();
    if (group_start) emit(at);
    if (!group_start && at > 0) return;
    facts_.group_start = group_start;
    facts_.pts_us = pts_us_;
  }

  std::size_t decided_bytes() const {
    return undecided_ ? undecided_->at : run().size() - table_bytes_;
  }
  void emit(std::size_t bytes) {
    if (bytes == 0) return;
    emit_front(bytes, facts_);
    if (undecided_) undecided_->at -= bytes;
    table_bytes_ = std::min(table_bytes_, run().size());
    facts_ = {};
    facts_.pts_us = pts_us_;
  }

  void flush(bool at_end) override {
    if (!at_end) return emit(decided_bytes());
    at_end_ = true;
    ended_ = cut();
    decide(false);
    emit(run().size());
  }
  Result<void> end() override {
    if (!ended_) return ended_;
    return CutterBase::end();
  }
  std::string_view element_name() const override {
    return rest().size() < kPacketBytes ? "an MPEG-TS packet" : "the tables: no PAT and PMT came";
  }

  struct Undecided {
    std::size_t at;  // in run(): where the group would begin
    ts::KeyframeScan scan;
  };

  std::optional<ts::Probe> probe_ = ts::Probe{};  // while an epoch waits to begin
  ts::ProgramReader tables_;
  ts::Program program_;
  ts::Stream leading_;  // whose PES packets start groups
  ts::PtsClock clock_;
  std::int64_t pts_us_ = 0;
  std::size_t table_bytes_ = 0;  // at the run's end
  std::optional<Undecided> undecided_;
  bool at_end_ = false;
  Result<void> ended_;
};

}  // namespace

std::unique_ptr<Cutter> make_mpegts_cutter(const CutterOptions& options, PartSink& sink) {
  return std::make_unique<MpegTsCutter>(options, sink);
}

}  // namespace framewire
