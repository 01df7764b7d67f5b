#include "relay/base/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace framewire::relay {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Metrics, ShowsTheSumOfTheNewestCountersOfEachLoop) {
  LoopCounters first, second;
  first.sent_bytes = 10;
  first.viewers_now.ws = 2;
  second.sent_bytes = 5;
  second.viewers_now.ws = 1;
  second.viewers_now.http = 4;
  Metrics metrics;
  metrics.update(1, second);
  metrics.update(0, first);
  first.sent_bytes = 100;
  first.viewers_now.ws = 0;
  metrics.update(0, first);
  EXPECT_EQ(metrics.totals().sent_bytes, 105u);
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("# TYPE framewire_sent_bytes_total counter\n"));
  EXPECT_THAT(text, HasSubstr("\nframewire_sent_bytes_total 105\n"));
  EXPECT_THAT(text, HasSubstr("\nframewire_viewers{mode=\"ws\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nframewire_viewers{mode=\"http\"} 4\n"));
}

TEST(Metrics, LabelsSkipsRefusalsAndCloses) {
  LoopCounters counters;
  counters.skipped(SkipReason::ring);
  counters.refused(Refusal::bad_name);
  counters.refused(Refusal::version);
  counters.refused(Refusal::version);
  counters.closed(1000);
  counters.closed(1013);
  counters.closed(999);
  counters.closed(4000);
  Metrics metrics;
  metrics.update(0, counters);
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("framewire_skips_total{reason=\"lag\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("framewire_skips_total{reason=\"ring\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("framewire_refusals_total{reason=\"bad-name\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("framewire_refusals_total{reason=\"version\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("framewire_closes_total{code=\"1000\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("framewire_closes_total{code=\"1013\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("framewire_closes_total{code=\"other\"} 2\n"));
  EXPECT_THAT(text, Not(HasSubstr("code=\"1001\"")));
}

TEST(Metrics, TellsRestreamsByState) {
  LoopCounters counters;
  counters.restreams_now[static_cast<std::size_t>(RestreamPhase::connected)] = 2;
  counters.restream_failures = 3;
  Metrics metrics;
  metrics.update(0, counters);
  metrics.update(1, counters);
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("framewire_restreams{state=\"waiting\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("framewire_restreams{state=\"connected\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("framewire_restream_failures_total 6\n"));
}

TEST(Metrics, HistogramBucketsAreCumulative) {
  LoopCounters counters;
  for (const double seconds : {0.001, 0.02, 0.02, 7.0}) counters.rtt.observe(seconds);
  Metrics metrics;
  metrics.update(0, counters);
  metrics.update(1, counters);
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("framewire_rtt_seconds_bucket{le=\"0.001\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("framewire_rtt_seconds_bucket{le=\"0.01\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("framewire_rtt_seconds_bucket{le=\"2.5\"} 6\n"));
  EXPECT_THAT(text, HasSubstr("framewire_rtt_seconds_bucket{le=\"+Inf\"} 8\n"));
  EXPECT_THAT(text, HasSubstr("framewire_rtt_seconds_count 8\n"));
  EXPECT_DOUBLE_EQ(metrics.totals().rtt.sum, 2 * 7.041);
}

TEST(Metrics, LargeCountersAreShownExactly) {
  LoopCounters counters;
  counters.sent_bytes = 9'007'199'254'740'991;  // 2^53 - 1
  Metrics metrics;
  metrics.update(0, counters);
  EXPECT_THAT(metrics.render(), HasSubstr("framewire_sent_bytes_total 9007199254740991\n"));
}

TEST(Refusal, HasTheStatusOfItsCode) {
  EXPECT_EQ(to_string(Refusal::foreign_origin), "foreign-origin");
  EXPECT_EQ(http_status(Refusal::foreign_origin), 403);
  EXPECT_EQ(http_status(Refusal::version), 426);
  EXPECT_EQ(http_status(Refusal::overloaded), 503);
}

}  // namespace
}  // namespace framewire::relay
