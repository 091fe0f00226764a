// Datapoints: what weir has of a metric, by periods, in CloudWatch's statistics.
//
// Of the last 3 hours each second is kept, with the sum and the number of its values; of 15 days
// before that the mean of each minute, which counts as one value. Minimum, maximum and percentiles
// are those of the seconds' (or minutes') means.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/aws/cloudwatch/metric.h"
#include "base/task.h"

namespace weir::amazon::cloudwatch {

struct Bucket {
  double sum = 0;
  double count = 0;
  std::vector<double> means;
};

struct Range {
  WallTime begin;  // of the first period
  WallTime end;    // exclusive
  Duration period;
};

// Periods begin at multiples of the period; at most 100,000 of them. By their begin.
Task<std::map<WallTime, Bucket>> buckets(Context& context, weir::MetricName metric, Range range);
// Average, Sum, Minimum, Maximum, SampleCount, or p0 to p100.
std::optional<double> statistic(const Bucket& bucket, std::string_view name);
// nullopt: none.
std::optional<double> percentile_of(std::string_view text);
// As CloudWatch allows them: 1, 5, 10, 20, 30 seconds or multiples of a minute.
bool is_period(std::int64_t seconds);

}  // namespace weir::amazon::cloudwatch
