#include "codec/job.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace framewire::codec {

using nlohmann::json;

namespace {
constexpr auto kLastWorkerEvent = static_cast<std::uint8_t>(WorkerEvent::left_out);
}

std::string to_json(const JobSpec& job) {
  json out{{"job", job.number}, {"stream", job.stream}, {"output", job.output}};
  if (job.transcoding)
    out["transcoding"] = {{"quality", job.transcoding->quality},
                          {"kbps", job.transcoding->kbps},
                          {"max_height", job.transcoding->max_height}};
  if (job.from_us != 0) out["from_us"] = job.from_us;
  return out.dump();
}

std::string to_text(const Instead& instead) {
  return fmt::format("{} {}", instead.output, instead.from_us);
}

Instead instead_from_text(std::string_view text) {
  const std::size_t blank = std::min(text.find(' '), text.size());
  Instead out{std::string{text.substr(0, blank)}};
  const std::string_view time = text.substr(std::min(blank + 1, text.size()));
  std::from_chars(time.data(), time.data() + time.size(), out.from_us);
  return out;
}

Result<JobSpec> job_from_json(std::string_view text) {
  const json value = json::parse(text, nullptr, false);
  if (!value.is_object()) return fail(Errc::protocol, "a job that is no JSON object");
  JobSpec job;
  try {
    job.number = value.at("job").get<std::uint64_t>();
    job.stream = value.at("stream").get<std::string>();
    job.output = value.at("output").get<std::string>();
    job.from_us = value.value("from_us", std::int64_t{0});
    if (const auto how = value.find("transcoding"); how != value.end())
      job.transcoding = {how->at("quality").get<unsigned>(), how->at("kbps").get<unsigned>(),
                         how->at("max_height").get<unsigned>()};
  } catch (const json::exception& error) {
    return fail(Errc::protocol, error.what());
  }
  return job;
}

void append_head(Buffer& to, const JobHead& head) {
  const std::size_t at = to.size();
  to.resize(at + kJobHeadBytes);
  store_be(to.data() + at, static_cast<std::uint32_t>(head.payload_bytes + 1));
  to[at + 4] = static_cast<std::byte>(head.kind);
}

Result<void> JobFrames::feed(Bytes bytes, const Take& take) {
  while (!bytes.empty()) {
    if (media_left_ > 0) {
      const Bytes now = bytes.first(std::min(media_left_, bytes.size()));
      media_left_ -= now.size();
      bytes = bytes.subspan(now.size());
      take(WorkerEvent::media, now);
      continue;
    }
    const std::size_t wanted =
        held_.size() < kJobHeadBytes ? kJobHeadBytes : 4 + load_be<std::uint32_t>(held_);
    const Bytes more = bytes.first(std::min(wanted - held_.size(), bytes.size()));
    append(held_, more);
    bytes = bytes.subspan(more.size());
    if (held_.size() < kJobHeadBytes) return {};

    const std::size_t rest = load_be<std::uint32_t>(held_);
    const auto kind = std::to_integer<std::uint8_t>(held_[4]);
    if (rest == 0 || rest > kMaxJobFrame || kind < 1 || kind > kLastWorkerEvent)
      return fail(Errc::protocol, fmt::format("a frame of kind {} with {} bytes", kind, rest));
    if (static_cast<WorkerEvent>(kind) == WorkerEvent::media) {
      media_left_ = rest - 1;
      held_.clear();
    } else if (held_.size() == 4 + rest) {
      const Buffer whole = std::exchange(held_, {});
      take(static_cast<WorkerEvent>(kind), Bytes{whole}.subspan(kJobHeadBytes));
    }
  }
  return {};
}

}  // namespace framewire::codec
