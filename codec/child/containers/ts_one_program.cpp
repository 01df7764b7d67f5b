#include "codec/child/containers/ts_one_program.h"

#include <algorithm>
#include <cstring>

#include "ingest/mpegts/ts_packet.h"

namespace framewire::codec {
namespace {

constexpr std::size_t kTsReadBytes = 32u << 10;
constexpr std::uint16_t kPatPid = 0;

void set_pid(std::span<std::byte> packet, std::uint16_t pid) {
  const auto flags = static_cast<std::uint16_t>(load_be<std::uint16_t>(packet, 1) & 0xe000);
  store_be(&packet[1], static_cast<std::uint16_t>(flags | pid));
}

bool is_media(const ts::Stream& stream) {
  return stream.codec != ts::Codec::other;
}

}  // namespace

// Their PIDs in the first programme, by their places among those of their codec.
void TsOneProgram::on_program(const ts::Program& program) {
  if (!first_) first_ = program_ = program;
  if (program == program_) return;
  program_ = program;
  pid_of_.clear();
  std::map<std::uint16_t, std::uint16_t> pid_of;
  std::vector<ts::Stream> left = first_->streams;
  for (const ts::Stream& stream : program.streams) {
    if (!is_media(stream)) {
      pid_of[stream.pid] = ts::kNullPid;
      continue;
    }
    const auto own = std::find_if(left.begin(), left.end(),
                                  [&](const ts::Stream& one) { return one.codec == stream.codec; });
    if (own == left.end()) return;
    pid_of[stream.pid] = own->pid;
    left.erase(own);
  }
  const bool moves =
      std::any_of(program.streams.begin(), program.streams.end(),
                  [&](const auto& s) { return is_media(s) && pid_of[s.pid] != s.pid; });
  if (moves) pid_of_ = std::move(pid_of);
}

void TsOneProgram::normalize(std::span<std::byte> unit) {
  const std::span packet = unit.subspan(grid_->lead, ts::kPacketBytes);
  const auto read = ts::read_packet(packet);
  if (!read) return;
  const std::uint16_t pid = read->pid;
  if (const auto program = tables_.feed(*read, unit)) on_program(*program);
  if (!first_) return;
  // Another PID of the PMT would begin all anew.
  const std::uint16_t pmt = tables_.pmt_pid();
  if (pid == kPatPid && pmt != first_->pmt_pid) return set_pid(packet, ts::kNullPid);
  if (pid == pmt) return set_pid(packet, pid_of_.empty() ? first_->pmt_pid : ts::kNullPid);
  if (const auto other = pid_of_.find(pid); other != pid_of_.end()) {
    normalized_ = normalized_ || (other->second != pid && other->second != ts::kNullPid);
    set_pid(packet, other->second);
  }
}

bool TsOneProgram::advance() {
  while (true) {
    const std::span rest = std::span{held_}.subspan(good_);
    if (grid_ && rest.size() >= grid_->unit && rest[grid_->lead] == ts::kSyncByte) {
      normalize(rest.first(grid_->unit));
      good_ += grid_->unit;
      return true;
    }
    if (!grid_ || rest.size() > grid_->lead) {
      // Bytes of no packet pass as they are.
      const ts::Found found = ts::find_grid(rest, 0, ended_);
      if (found.grid) {
        grid_ = found.grid;
        good_ += found.at;
        if (found.at > 0) return true;
        continue;
      }
      if (found.at > 0) {
        good_ += found.at;
        return true;
      }
    }
    if (ended_) {
      good_ = held_.size();
      return good_ > given_;
    }
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(given_));
    good_ -= given_;
    given_ = 0;
    const std::size_t size = held_.size();
    held_.resize(size + kTsReadBytes);
    const int got = from_(std::span{held_}.subspan(size));
    held_.resize(size + static_cast<std::size_t>(std::max(got, 0)));
    if (got <= 0) {
      from_ended_ = got;
      ended_ = true;
    }
  }
}

int TsOneProgram::read(std::span<std::byte> to) {
  // A packet at a time would be slow.
  while (good_ - given_ < to.size() && good_ - given_ < kTsReadBytes) {
    const bool has = good_ > given_;
    if (has && held_.size() - good_ < ts::kLargestUnit) break;
    if (!advance()) break;
  }
  if (given_ == good_) return from_ended_;
  const std::size_t size = std::min(to.size(), good_ - given_);
  std::memcpy(to.data(), held_.data() + given_, size);
  given_ += size;
  return static_cast<int>(size);
}

}  // namespace framewire::codec
