#include "observe/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"

namespace weir::observe {
namespace {

constexpr Family kRequests{
    "weir_test_requests_total", "Requests.", Kind::counter, {"listener", "code"}};
constexpr Family kPlain{"weir_test_plain_total", "Without labels.", Kind::counter, {}};
constexpr Family kSeconds{"weir_test_seconds", "Latency.", Kind::histogram, {"group"}};
constexpr Family kOpen{"weir_test_open", "Open connections.", Kind::gauge, {"listener"}};

bool has_line(const std::string& text, const std::string& line) {
  std::istringstream in(text);
  for (std::string have; std::getline(in, have);) {
    if (have == line) return true;
  }
  return false;
}

// The value lies in its bucket: below its bound, not below the one before.
void expect_in_bucket(std::uint64_t us) {
  const Duration d = std::chrono::microseconds(us);
  const std::size_t i = Histogram::index(d);
  ASSERT_LT(i, static_cast<std::size_t>(Histogram::kBuckets));
  if (i + 1 < Histogram::kBuckets) {
    EXPECT_LT(d, Histogram::bound(i)) << us;
  }
  if (i > 0) {
    EXPECT_GE(d, Histogram::bound(i - 1)) << us;
  }
}

TEST(Histogram, PutsEachValueBetweenTheBoundsOfItsBucket) {
  for (std::uint64_t us = 0; us < 100'000; ++us) expect_in_bucket(us);
  for (int power = 4; power < 40; ++power) {
    const std::uint64_t edge = std::uint64_t{1} << power;
    for (const std::uint64_t us : {edge - 1, edge, edge + 1}) expect_in_bucket(us);
  }
  Random random(1);
  for (int i = 0; i < 100'000; ++i) expect_in_bucket(random() >> (25 + random.below(39)));
}

TEST(Histogram, HasRisingBoundsAtMostAnEighthApart) {
  for (std::size_t i = 1; i < Histogram::kBuckets; ++i) {
    const double low = static_cast<double>(Histogram::bound(i - 1).count());
    const double high = static_cast<double>(Histogram::bound(i).count());
    EXPECT_GT(high, low);
    if (i >= Histogram::kSub) {
      EXPECT_LE(high / low, 1.1251);
    }
  }
}

TEST(Histogram, TakesNegativeAndEndlessDurations) {
  Histogram histogram;
  histogram.add(-5s);
  histogram.add(Duration::max());

  EXPECT_EQ(histogram.bucket(0), 1u);
  EXPECT_EQ(histogram.bucket(Histogram::kBuckets - 1), 1u);
  EXPECT_EQ(histogram.sum_us(), static_cast<std::uint64_t>(Duration::max().count() / 1000));
}

TEST(Distribution, GivesPercentilesAtMostAnEighthTooHigh) {
  Histogram histogram;
  for (int ms = 1; ms <= 1000; ++ms) histogram.add(std::chrono::milliseconds(ms));
  Distribution all;
  all.add(histogram);

  for (const double share : {0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const double exact = share * 1000;
    const double got = seconds(all.percentile(share)) * 1000;
    EXPECT_GT(got, exact) << share;
    EXPECT_LE(got, exact * 1.13 + 1) << share;
  }
  EXPECT_EQ(all.count(), 1000u);
  EXPECT_EQ(all.sum_us, 500'500'000u);
}

TEST(Distribution, KnowsNothingOfNoValues) {
  EXPECT_EQ(Distribution().percentile(0.5), 0ns);
  EXPECT_EQ(Distribution().count(), 0u);
}

TEST(Distribution, GivesTheLowestBucketForAShareOfNothing) {
  Histogram histogram;
  histogram.add(5us);
  Distribution all;
  all.add(histogram);

  EXPECT_EQ(all.percentile(0), 6us);
}

TEST(Distribution, TellsWhatCameSince) {
  Histogram histogram;
  histogram.add(1ms);
  Distribution before;
  before.add(histogram);
  histogram.add(1s);
  Distribution after;
  after.add(histogram);

  const Distribution between = after.since(before);

  EXPECT_EQ(between.count(), 1u);
  EXPECT_EQ(between.sum_us, 1'000'000u);
  EXPECT_GE(between.percentile(0.5), 1s);
}

TEST(Sheet, GivesTheSameCellForTheSameLabels) {
  Registry registry;
  Sheet& sheet = registry.sheet();

  EXPECT_EQ(&sheet.counter(kRequests, {"a", "2xx"}), &sheet.counter(kRequests, {"a", "2xx"}));
  EXPECT_NE(&sheet.counter(kRequests, {"a", "2xx"}), &sheet.counter(kRequests, {"a", "5xx"}));
  EXPECT_EQ(&sheet.histogram(kSeconds, {"a"}), &sheet.histogram(kSeconds, {"a"}));
}

TEST(Registry, SumsTheSheets) {
  Registry registry;
  Sheet& one = registry.sheet();
  Sheet& two = registry.sheet();
  one.counter(kRequests, {"public", "2xx"}).add(3);
  two.counter(kRequests, {"public", "2xx"}).add(4);
  two.counter(kRequests, {"public", "5xx"}).add();
  one.histogram(kSeconds, {"ocr"}).add(1ms);
  two.histogram(kSeconds, {"ocr"}).add(2ms);

  EXPECT_EQ(registry.total(kRequests, {"public", "2xx"}), 7u);
  EXPECT_EQ(registry.total(kRequests, {"none", "2xx"}), 0u);
  EXPECT_EQ(registry.distribution(kSeconds, {"ocr"}).count(), 2u);
  const std::string text = registry.prometheus();
  EXPECT_TRUE(has_line(text, R"(weir_test_requests_total{listener="public",code="2xx"} 7)"))
      << text;
  EXPECT_TRUE(has_line(text, R"(weir_test_requests_total{listener="public",code="5xx"} 1)"))
      << text;
  EXPECT_TRUE(has_line(text, R"(weir_test_seconds_count{group="ocr"} 2)")) << text;
}

TEST(Registry, WritesHelpAndTypeOncePerName) {
  Registry registry;
  registry.sheet().counter(kRequests, {"a", "2xx"}).add();
  registry.sheet().counter(kRequests, {"b", "2xx"}).add();
  registry.sheet().counter(kPlain).add(2);

  const std::string text = registry.prometheus();

  EXPECT_TRUE(has_line(text, "weir_test_plain_total 2")) << text;
  for (const char* line :
       {"# HELP weir_test_requests_total Requests.", "# TYPE weir_test_requests_total counter"}) {
    const auto first = text.find(line);
    ASSERT_NE(first, std::string::npos) << line;
    EXPECT_EQ(text.find(line, first + 1), std::string::npos) << line;
  }
}

TEST(Registry, EscapesLabelValues) {
  Registry registry;
  registry.sheet().counter(kRequests, {"a\"b\\c\nd", ""}).add();

  const std::string text = registry.prometheus();

  EXPECT_TRUE(has_line(text, R"(weir_test_requests_total{listener="a\"b\\c\nd",code=""} 1)"))
      << text;
}

TEST(Registry, WritesHistogramsAsRisingBucketsOfSeconds) {
  Registry registry;
  Histogram& histogram = registry.sheet().histogram(kSeconds, {"ocr"});
  histogram.add(100us);
  histogram.add(3ms);
  histogram.add(24h);

  const std::string text = registry.prometheus();

  EXPECT_TRUE(has_line(text, "# TYPE weir_test_seconds histogram")) << text;
  EXPECT_TRUE(has_line(text, R"(weir_test_seconds_bucket{group="ocr",le="0.000256"} 1)")) << text;
  EXPECT_TRUE(has_line(text, R"(weir_test_seconds_bucket{group="ocr",le="0.002048"} 1)")) << text;
  EXPECT_TRUE(has_line(text, R"(weir_test_seconds_bucket{group="ocr",le="0.004096"} 2)")) << text;
  EXPECT_TRUE(has_line(text, R"(weir_test_seconds_bucket{group="ocr",le="1073.741824"} 2)"))
      << text;
  EXPECT_TRUE(has_line(text, R"(weir_test_seconds_bucket{group="ocr",le="+Inf"} 3)")) << text;
  EXPECT_TRUE(has_line(text, R"(weir_test_seconds_sum{group="ocr"} 86400.0031)")) << text;
}

TEST(Registry, AsksItsCollectorsAtEachReading) {
  Registry registry;
  double open = 2;
  registry.collect([&](Samples& samples) {
    samples.add(kOpen, {"public"}, open);
    samples.add(kOpen, {"public"}, 1);  // the same labels add up
    samples.add(kOpen, {"admin"}, 0.5);
  });

  const std::string before = registry.prometheus();
  open = 7;
  const std::string after = registry.prometheus();

  EXPECT_TRUE(has_line(before, "# TYPE weir_test_open gauge"));
  EXPECT_TRUE(has_line(before, R"(weir_test_open{listener="public"} 3)")) << before;
  EXPECT_TRUE(has_line(before, R"(weir_test_open{listener="admin"} 0.5)")) << before;
  EXPECT_TRUE(has_line(after, R"(weir_test_open{listener="public"} 8)")) << after;
}

TEST(Registry, MayBeReadWhileThreadsCount) {
  Registry registry;
  constexpr int kThreads = 4, kEach = 20'000;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&registry] {
        Sheet& sheet = registry.sheet();
        Counter& counter = sheet.counter(kRequests, {"a", "2xx"});
        Histogram& histogram = sheet.histogram(kSeconds, {"a"});
        for (int i = 0; i < kEach; ++i) {
          counter.add();
          histogram.add(std::chrono::microseconds(i));
        }
      });
    }
    for (int i = 0; i < 20; ++i) {
      EXPECT_LE(registry.total(kRequests, {"a", "2xx"}), std::uint64_t{kThreads} * kEach);
      registry.prometheus();
    }
  }

  EXPECT_EQ(registry.total(kRequests, {"a", "2xx"}), std::uint64_t{kThreads} * kEach);
  EXPECT_EQ(registry.distribution(kSeconds, {"a"}).count(), std::uint64_t{kThreads} * kEach);
}

}  // namespace
}  // namespace weir::observe
