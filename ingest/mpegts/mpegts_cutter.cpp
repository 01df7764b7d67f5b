#include "ingest/mpegts/mpegts_cutter.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "ingest/base/try.h"
#include "ingest/cut/cutter_base.h"
#include "ingest/mpegts/ts_elementary.h"
#include "ingest/mpegts/ts_packet.h"
#include "ingest/mpegts/ts_probe.h"
#include "ingest/mpegts/ts_program.h"

namespace framewire {
namespace {

constexpr std::size_t kHeldTables = 32 * ts::kPacketBytes;  // that wait for what follows them
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
        RETURN_IF_ERROR(begin_epoch());
      }
      while (!probe_) {
        const Result<Due> due = due_at(0);
        if (!due) return tl::make_unexpected(due.error());
        if (due->more) return {};
        if (due->junk > 0)
          on_junk(due->junk);
        else
          on_packet(packet_in(rest()));
      }
    }
  }

  // What stands at a place in rest().
  struct Due {
    bool more = false;     // more bytes are needed to tell
    std::size_t junk = 0;  // bytes before the next packet; 0: a packet stands there
  };
  Result<Due> due_at(std::size_t at) {
    const Bytes bytes = rest().subspan(at);
    if (bytes.empty()) return Due{.more = true};
    if (grid_) {
      if (bytes.size() > grid_->lead && bytes[grid_->lead] != ts::kSyncByte) return lost(at);
      return Due{.more = bytes.size() < grid_->unit};
    }
    return lost(at);
  }
  // No packet stands at `at`: looks for the next one.
  Result<Due> lost(std::size_t at) {
    const Bytes bytes = rest().subspan(at);
    const std::uint64_t here = rest_offset() + at;
    if (std::exchange(lost_at_, here) != here) searched_ = 0;
    const ts::Found found = ts::find_grid(bytes, searched_, at_end_);
    searched_ = found.at;
    if (found.at > limits().junk_bytes)
      return malformed(
          fmt::format("no MPEG-TS packet (sync byte 47 each 188, 192 or 204 bytes) in {} bytes",
                      limits().junk_bytes),
          at);
    if (!found.grid) {
      if (at_end_ && bytes.size() >= ts::kPacketBytes)
        return malformed("an MPEG-TS sync byte (47) is due", at);
      return Due{.more = true};
    }
    if (grid_ || found.at > 0)
      note("ts-sync-lost",
           fmt::format("{} bytes that are no MPEG-TS packet: passed on as they are, the stream "
                       "goes on behind them",
                       found.at),
           here);
    grid_ = found.grid;
    lost_at_.reset();
    return Due{.junk = found.at};
  }

  ts::Packet packet_in(Bytes bytes) {
    Result<ts::Packet> packet = ts::read_packet(grid_->packet(bytes));
    if (packet) return *packet;
    note("ts-packet-damaged", packet.error().what + ": the packet is passed on, and not looked at",
         run_offset() + run().size());
    return {};
  }

  // True when the epoch can begin. What the probe has seen stays in rest().
  Result<bool> probe() {
    while (!probe_->done()) {
      if (probe_->bytes() + ts::kLargestUnit > limits().init_bytes) {
        if (probe_->program()) return true;
        return fail(Errc::limit_exceeded,
                    fmt::format("MPEG-TS without a PAT and PMT in {} bytes", limits().init_bytes),
                    rest_offset());
      }
      const Result<Due> due = due_at(probe_->bytes());
      if (!due && probe_->program()) return true;  // what is good before the error goes out
      if (!due) return tl::make_unexpected(due.error());
      if (due->more) return at_end_ && probe_->program();
      if (due->junk > 0) {
        probe_->skip(due->junk);
        continue;
      }
      const Bytes unit = rest().subspan(probe_->bytes(), grid_->unit);
      probe_->feed(packet_in(unit), unit);
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
      for (std::size_t at = 0; at < bytes;) {
        const Result<Due> due = due_at(at);
        if (!due || due->more) break;
        const Bytes unit = rest().subspan(at, due->junk > 0 ? due->junk : grid_->unit);
        if (due->junk == 0) tables_.feed(packet_in(unit), unit);
        at += unit.size();
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
    // Not by std::ranges: clang 14 does not take the subrange of libstdc++ 12 that this returns.
    std::stable_partition(info.tracks.begin(), info.tracks.end(),
                          [](const TrackInfo& t) { return t.kind != TrackKind::other; });
    if (info.tracks.size() > limits().tracks) info.tracks.resize(limits().tracks);
    std::string codecs;
    for (const TrackInfo& track : info.tracks)
      if (!track.codec.empty()) codecs += (codecs.empty() ? "" : ",") + track.codec;
    info.mime = fmt::format("video/mp2t; codecs=\"{}\"", codecs);
    return info;
  }

  // Bytes of no packet stay where they are: whoever reads the stream resynchronises as we do.
  void on_junk(std::size_t bytes) {
    take(bytes);
    table_bytes_ = 0;
    if (undecided_ && run().size() - undecided_->at > kHeldPes) decide(false);
    if (decided_bytes() > limits().part_target_bytes) emit(decided_bytes());
  }

  void on_packet(const ts::Packet& packet) {
    const Bytes bytes = rest().first(grid_->unit);
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
      take(grid_->unit);
      table_bytes_ = table_bytes_ < kHeldTables ? table_bytes_ + grid_->unit : 0;
    } else {
      if (undecided_ && packet.pid == leading_.pid) look_for_picture(packet.payload);
      take(grid_->unit);
      table_bytes_ = 0;
    }
    if (undecided_ && run().size() - undecided_->at > kHeldPes) decide(false);
    if (decided_bytes() + grid_->unit > limits().part_target_bytes) emit(decided_bytes());
  }

  void on_pes_start(const ts::Packet& packet) {
    decide(false);
    const auto pes = ts::read_pes_start(packet.payload);
    if (pes && pes->pts) pts_us_ = clock_.to_us(*pes->pts);
    undecided_ = Undecided{decided_bytes(), ts::KeyframeScan(leading_.codec)};
    table_bytes_ = 0;
    take(grid_->unit);
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
    return rest().size() < ts::kLargestUnit ? "an MPEG-TS packet"
                                            : "the tables: no PAT and PMT came";
  }

  struct Undecided {
    std::size_t at;  // in run(): where the group would begin
    ts::KeyframeScan scan;
  };

  std::optional<ts::Grid> grid_;                  // nullopt: not seen yet
  std::optional<std::uint64_t> lost_at_;          // where no packet stands
  std::size_t searched_ = 0;                      // bytes from there on that were looked at
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
