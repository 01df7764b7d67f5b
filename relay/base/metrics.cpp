#include "relay/base/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <initializer_list>
#include <limits>
#include <sstream>
#include <string_view>
#include <utility>

namespace framewire::relay {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// Builds the families in the order they are shown.
class Families {
 public:
  void counter(std::string name, std::string help, std::uint64_t value) {
    open(std::move(name), std::move(help), MetricType::Counter);
    counter_sample({}, {}, value);
  }
  void gauge(std::string name, std::string help, std::uint64_t value) {
    open(std::move(name), std::move(help), MetricType::Gauge);
    gauge_sample({}, {}, value);
  }
  void gauge_by_mode(std::string name, std::string help, const ByMode& value) {
    open(std::move(name), std::move(help), MetricType::Gauge);
    gauge_sample("mode", "ws", value.ws);
    gauge_sample("mode", "http", value.http);
  }
  template <const auto& Bounds>
  void histogram(std::string name, std::string help, const Histogram<Bounds>& value) {
    open(std::move(name), std::move(help), MetricType::Histogram);
    ClientMetric sample;
    std::uint64_t cumulative = 0;
    for (std::size_t i = 0; i < Bounds.size(); ++i) {
      cumulative += value.counts[i];
      sample.histogram.bucket.push_back({cumulative, Bounds[i]});
    }
    cumulative += value.above;
    sample.histogram.bucket.push_back({cumulative, std::numeric_limits<double>::infinity()});
    sample.histogram.sample_count = cumulative;
    sample.histogram.sample_sum = value.sum;
    families_.back().metric.push_back(std::move(sample));
  }

  void open(std::string name, std::string help, MetricType type) {
    families_.push_back({std::move(name), std::move(help), type, {}});
  }
  void counter_sample(std::string_view label, std::string_view label_value, std::uint64_t value) {
    ClientMetric sample = labelled(label, label_value);
    sample.counter.value = static_cast<double>(value);
    families_.back().metric.push_back(std::move(sample));
  }
  void gauge_sample(std::string_view label, std::string_view label_value, std::uint64_t value) {
    ClientMetric sample = labelled(label, label_value);
    sample.gauge.value = static_cast<double>(value);
    families_.back().metric.push_back(std::move(sample));
  }

  const std::vector<MetricFamily>& all() const { return families_; }

 private:
  static ClientMetric labelled(std::string_view label, std::string_view value) {
    ClientMetric sample;
    if (!label.empty()) sample.label.push_back({std::string(label), std::string(value)});
    return sample;
  }

  std::vector<MetricFamily> families_;
};

void add_receiving(Families& out, const LoopCounters& sum) {
  out.counter("framewire_received_bytes_total", "Media bytes taken from publishers.",
              sum.received_bytes);
  out.counter("framewire_received_messages_total",
              "WebSocket messages and pieces of HTTP bodies taken from publishers.",
              sum.received_messages);
  out.counter("framewire_duplicate_messages_total",
              "Messages dropped because the server had them before a resume.",
              sum.duplicate_messages);
  out.counter("framewire_parts_total", "Parts cut from what was received.", sum.parts_cut);
  out.counter("framewire_groups_too_long_total",
              "Groups that outgrew their ring: keyframes too rare for late joiners.",
              sum.groups_too_long);
  out.counter("framewire_codec_worker_deaths_total",
              "Codec workers that died and were started again.", sum.codec_worker_deaths);
}

void add_sending(Families& out, const LoopCounters& sum) {
  out.counter("framewire_sent_bytes_total", "Bytes given to the sockets of viewers.",
              sum.sent_bytes);
  out.counter("framewire_sent_parts_total", "Parts given to viewers.", sum.sent_parts);
  out.counter("framewire_restream_bytes_total",
              "Media bytes given to connections to other servers.", sum.restream_bytes);
  out.counter("framewire_restream_failures_total",
              "Connections to other servers that failed, or were refused.", sum.restream_failures);
  out.open("framewire_skips_total", "Moves of a viewer to a newer group, by reason.",
           MetricType::Counter);
  for (std::size_t i = 0; i < sum.skips.size(); ++i) {
    out.counter_sample("reason", to_string(static_cast<SkipReason>(i)), sum.skips[i]);
  }
  out.open("framewire_side_texts_total", "Texts of the side channel, by what became of them.",
           MetricType::Counter);
  for (std::size_t i = 0; i < sum.side_texts.size(); ++i) {
    out.counter_sample("result", kTextFates[i], sum.side_texts[i]);
  }
}

void add_ends(Families& out, const LoopCounters& sum) {
  out.open("framewire_refusals_total", "Requests refused, by reason.", MetricType::Counter);
  for (std::size_t i = 0; i < sum.refusals.size(); ++i) {
    if (sum.refusals[i] == 0) continue;
    out.counter_sample("reason", to_string(static_cast<Refusal>(i)), sum.refusals[i]);
  }
  out.open("framewire_closes_total", "WebSockets closed, by close code.", MetricType::Counter);
  for (std::size_t i = 0; i < sum.closes.size(); ++i) {
    if (sum.closes[i] == 0) continue;
    out.counter_sample("code", std::to_string(1000 + i), sum.closes[i]);
  }
  if (sum.closes_other != 0) out.counter_sample("code", "other", sum.closes_other);
}

void add_now(Families& out, const LoopCounters& sum) {
  out.gauge("framewire_streams", "Streams with a publisher, or waiting for it to come back.",
            sum.streams_now);
  out.gauge_by_mode("framewire_publishers", "Publishers connected now.", sum.publishers_now);
  out.gauge_by_mode("framewire_viewers", "Viewers connected now.", sum.viewers_now);
  out.gauge_sample("mode", "hls", sum.hls_viewers_now);
  out.gauge("framewire_derived_streams", "Other formats of streams that are being made.",
            sum.derived_now);
  out.open("framewire_restreams", "Streams passed on to other servers, by state.",
           MetricType::Gauge);
  for (std::size_t i = 0; i < sum.restreams_now.size(); ++i)
    out.gauge_sample("state", kRestreamPhases[i], sum.restreams_now[i]);
  out.gauge("framewire_hls_streams", "Streams of which HLS is made now.", sum.hls_now);
  out.gauge("framewire_hls_waiting", "HLS requests that wait for the next part.",
            sum.hls_waiting_now);
  out.gauge("framewire_hls_bytes", "Media kept for HLS.", sum.hls_bytes_now);
  out.gauge("framewire_ring_bytes", "Memory of the media held in rings.", sum.ring_bytes_now);
}

void add_times(Families& out, const LoopCounters& sum) {
  out.histogram("framewire_rtt_seconds", "Time from ping to pong.", sum.rtt);
  out.histogram(
      "framewire_viewer_delay_seconds",
      "Capture to screen, as viewers report it whose publishers tell by the server's clock.",
      sum.viewer_delay);
  out.histogram("framewire_viewer_latency_seconds",
                "How long what is shown has been in the page, as viewers report it.",
                sum.viewer_latency);
  out.histogram("framewire_viewer_buffered_seconds",
                "Media buffered ahead of what is shown, as viewers report it.",
                sum.viewer_buffered);
  out.counter("framewire_viewer_dropped_frames_total",
              "Pictures that were not shown, as viewers report them.", sum.viewer_dropped_frames);
}

void add_recording(Families& out, const RecorderCounters& sum) {
  out.open("framewire_recordings", "Recordings that are not done yet, by state.",
           MetricType::Gauge);
  out.gauge_sample("state", "recording", sum.recording);
  out.gauge_sample("state", "finalising", sum.finalising);
  out.gauge("framewire_recordings_bytes", "Bytes that all recordings take on the disk.",
            sum.stored_bytes);
  out.counter("framewire_recorded_bytes_total", "Media bytes appended to recordings.",
              sum.recorded_bytes);
  out.counter("framewire_recordings_finalised_total", "Recordings made seekable files.",
              sum.finalised);
  out.open("framewire_recording_errors_total", "What went wrong with recordings, by reason.",
           MetricType::Counter);
  for (std::size_t i = 0; i < sum.errors.size(); ++i)
    out.counter_sample("reason", kRecordFaults[i], sum.errors[i]);
  out.counter("framewire_recording_dropped_parts_total",
              "Parts left out of recordings because the disk was too slow.", sum.dropped_parts);
  out.open("framewire_recordings_deleted_total", "Recordings deleted, by reason.",
           MetricType::Counter);
  for (std::size_t i = 0; i < sum.deletions.size(); ++i)
    out.counter_sample("reason", kRecordDeletions[i], sum.deletions[i]);
  out.open("framewire_uploads", "Recordings on their way to --upload-url, by state.",
           MetricType::Gauge);
  out.gauge_sample("state", "waiting", sum.uploads_waiting);
  out.gauge_sample("state", "sending", sum.uploads_sending);
  out.counter("framewire_uploads_done_total", "Recordings that --upload-url has.", sum.uploads);
  out.counter("framewire_uploads_failed_total", "Uploads given up.", sum.upload_failures);
  out.counter("framewire_upload_retries_total",
              "Tries to upload that failed, and were not the last.", sum.upload_retries);
  out.counter("framewire_uploaded_bytes_total", "Bytes of recordings that --upload-url has.",
              sum.uploaded_bytes);
}

template <std::size_t N>
void add_each(std::array<std::uint64_t, N>& to, const std::array<std::uint64_t, N>& from) {
  for (std::size_t i = 0; i < N; ++i) to[i] += from[i];
}

}  // namespace

void LoopCounters::add(const LoopCounters& other) {
  received_bytes += other.received_bytes;
  received_messages += other.received_messages;
  duplicate_messages += other.duplicate_messages;
  parts_cut += other.parts_cut;
  groups_too_long += other.groups_too_long;
  codec_worker_deaths += other.codec_worker_deaths;
  sent_bytes += other.sent_bytes;
  sent_parts += other.sent_parts;
  restream_bytes += other.restream_bytes;
  restream_failures += other.restream_failures;
  add_each(skips, other.skips);
  add_each(side_texts, other.side_texts);
  add_each(refusals, other.refusals);
  add_each(closes, other.closes);
  closes_other += other.closes_other;
  streams_now += other.streams_now;
  derived_now += other.derived_now;
  add_each(restreams_now, other.restreams_now);
  hls_now += other.hls_now;
  hls_viewers_now += other.hls_viewers_now;
  hls_waiting_now += other.hls_waiting_now;
  hls_bytes_now += other.hls_bytes_now;
  ring_bytes_now += other.ring_bytes_now;
  publishers_now.ws += other.publishers_now.ws;
  publishers_now.http += other.publishers_now.http;
  viewers_now.ws += other.viewers_now.ws;
  viewers_now.http += other.viewers_now.http;
  rtt.add(other.rtt);
  viewer_delay.add(other.viewer_delay);
  viewer_latency.add(other.viewer_latency);
  viewer_buffered.add(other.viewer_buffered);
  viewer_dropped_frames += other.viewer_dropped_frames;
}

void Metrics::update(std::size_t loop_index, const LoopCounters& newest) {
  if (loops_.size() <= loop_index) loops_.resize(loop_index + 1);
  loops_[loop_index] = newest;
}

LoopCounters Metrics::totals() const {
  LoopCounters sum;
  for (const LoopCounters& loop : loops_) sum.add(loop);
  return sum;
}

std::string Metrics::render() const {
  const LoopCounters sum = totals();
  Families families;
  add_receiving(families, sum);
  add_sending(families, sum);
  add_ends(families, sum);
  add_now(families, sum);
  add_times(families, sum);
  if (recorder_) add_recording(families, *recorder_);
  std::ostringstream out;
  prometheus::TextSerializer{}.Serialize(out, families.all());
  return out.str();
}

}  // namespace framewire::relay
