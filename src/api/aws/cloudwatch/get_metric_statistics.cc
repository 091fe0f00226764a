#include <fmt/format.h>

#include "api/aws/cloudwatch/data.h"

namespace weir::amazon::cloudwatch {
namespace {

Reply<void> check_statistics(const GetMetricStatisticsInput& in) {
  if (!is_period(*in.Period)) {
    return refuse("InvalidParameterValue",
                  "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.");
  }
  if (*in.StartTime >= *in.EndTime) {
    return refuse("InvalidParameterValue",
                  "The parameter StartTime must be less than the parameter EndTime.");
  }
  if (in.Statistics.empty() && in.ExtendedStatistics.empty()) {
    return refuse(
        "MissingParameter",
        "At least one of the parameters Statistics and ExtendedStatistics must be given.");
  }
  for (const std::string& one : in.ExtendedStatistics) {
    if (!percentile_of(one)) {
      return refuse("InvalidParameterValue",
                    fmt::format("The statistic {} is none that weir computes: p0 to p100.", one));
    }
  }
  if ((*in.EndTime - *in.StartTime) / std::chrono::seconds(*in.Period) > 1440) {
    return refuse("InvalidParameterCombination",
                  "You have requested up to more than 1,440 datapoints: ask for fewer by a longer "
                  "Period.");
  }
  return {};
}

}  // namespace

Task<Reply<GetMetricStatisticsOutput>> get_metric_statistics(Context& context,
                                                             const GetMetricStatisticsInput& in) {
  CO_TRY_VOID(check_statistics(in));
  GetMetricStatisticsOutput out;
  out.Label = in.MetricName;
  const Range range{*in.StartTime, *in.EndTime, std::chrono::seconds(*in.Period)};
  std::map<WallTime, Datapoint> points;
  const auto point_of = [&](WallTime at) -> Datapoint& {
    Datapoint& point = points[at];
    point.Timestamp = at;
    point.Unit = in.Unit.value_or("None");
    return point;
  };
  const Asked plain{*in.Namespace, *in.MetricName, in.Dimensions};
  const auto metric = weir_metric(context.world, context.tenant, plain);
  if (!metric) co_return out;
  if (!in.Statistics.empty()) {
    auto reading = buckets(context, *metric, range);
    const auto read = co_await reading;
    for (const auto& [at, bucket] : read) {
      Datapoint& point = point_of(at);
      for (const std::string& one : in.Statistics) {
        const auto value = statistic(bucket, one);
        if (one == "Average") point.Average = value;
        if (one == "Sum") point.Sum = value;
        if (one == "Minimum") point.Minimum = value;
        if (one == "Maximum") point.Maximum = value;
        if (one == "SampleCount") point.SampleCount = value;
      }
    }
  }
  for (const std::string& one : in.ExtendedStatistics) {
    const Asked asked{*in.Namespace, *in.MetricName, in.Dimensions, one};
    auto name = weir_metric(context.world, context.tenant, asked);
    const bool own = *name != *metric;  // weir has that percentile itself
    auto reading = buckets(context, *std::move(name), range);
    const auto read = co_await reading;
    for (const auto& [at, bucket] : read) {
      if (const auto value = statistic(bucket, own ? "Average" : one)) {
        point_of(at).ExtendedStatistics[one] = *value;
      }
    }
  }
  for (auto& [at, point] : points) out.Datapoints.push_back(std::move(point));
  co_return out;
}

}  // namespace weir::amazon::cloudwatch
