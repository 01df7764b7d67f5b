#include "ingest/mpegts/ts_probe.h"

#include <algorithm>

namespace framewire::ts {
namespace {
constexpr std::int64_t kLongestUs = 1'000'000;
}

Probe::Probe(ProgramReader tables, Program program)
    : reader_(std::move(tables)), only_tables_(false) {
  set_program(std::move(program));
}

void Probe::feed(const Packet& packet, Bytes packet_bytes) {
  bytes_ += packet_bytes.size();
  std::optional<Program> read = reader_.feed(packet, packet_bytes);
  only_tables_ = only_tables_ && reader_.is_table(packet.pid);
  if (read && !program_) {
    if (only_tables_) leading_table_bytes_ = bytes_;
    set_program(std::move(*read));
  } else if (read && *read != *program_) {
    stopped_ = true;
  }
  if (program_) scan(packet);
}

void Probe::skip(std::size_t bytes) {
  bytes_ += bytes;
}

bool Probe::done() const {
  return stopped_ || (program_ && std::ranges::all_of(scans_, &TrackScan::known));
}

std::vector<TrackInfo> Probe::tracks() const {
  std::vector<TrackInfo> tracks;
  for (const TrackScan& scan : scans_) tracks.push_back(scan.info());
  return tracks;
}

void Probe::set_program(Program program) {
  for (const Stream& stream : program.streams) scans_.emplace_back(stream.codec);
  program_ = std::move(program);
  tables_ = reader_.tables();
}

void Probe::scan(const Packet& packet) {
  const auto stream = std::ranges::find(program_->streams, packet.pid, &Stream::pid);
  if (stream == program_->streams.end()) return;
  TrackScan& track = scans_[static_cast<std::size_t>(stream - program_->streams.begin())];
  if (!packet.payload_start) return track.feed(packet.payload, false);
  const auto pes = read_pes_start(packet.payload);
  if (!pes) return;
  if (pes->pts) {
    const std::int64_t now_us = clock_.to_us(*pes->pts);
    if (!began_us_) began_us_ = now_us;
    stopped_ = stopped_ || now_us - *began_us_ > kLongestUs;
  }
  track.feed(pes->data, true);
}

}  // namespace framewire::ts
