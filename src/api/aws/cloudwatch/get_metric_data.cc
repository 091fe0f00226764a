#include <fmt/format.h>

#include <algorithm>

#include "api/aws/cloudwatch/data.h"
#include "model/metric_math.h"

namespace weir::amazon::cloudwatch {
namespace {

using Points = std::map<WallTime, double>;

Reply<void> check_query(const MetricDataQuery& query) {
  if (query.MetricStat.has_value() == query.Expression.has_value()) {
    return refuse(
        "ValidationError",
        fmt::format("The query {} must have one of MetricStat and Expression.", *query.Id));
  }
  if (query.AccountId) {
    return refuse("ValidationError",
                  "Parameter AccountId is accepted by AWS but not supported "
                  "here");
  }
  if (!query.MetricStat) return {};
  const MetricStat& stat = *query.MetricStat;
  if (!is_period(*stat.Period)) {
    return refuse("ValidationError",
                  fmt::format("The period {} of {} must be 1, 5, 10, 20, 30 or a multiple of 60.",
                              *stat.Period, *query.Id));
  }
  const auto& name = *stat.Stat;
  const bool known = name == "Average" || name == "Sum" || name == "Minimum" || name == "Maximum" ||
                     name == "SampleCount" || percentile_of(name);
  if (!known) {
    return refuse("ValidationError", fmt::format("The statistic {} is none that weir computes: "
                                                 "Average, Sum, Minimum, Maximum, SampleCount and "
                                                 "p0 to p100.",
                                                 name));
  }
  return {};
}

Task<Points> points_of(Context& context, const MetricStat& stat, WallTime begin, WallTime end) {
  Points points;
  static const std::string kNone;
  const Metric& asked_for = *stat.Metric;
  const Asked asked{asked_for.Namespace ? *asked_for.Namespace : kNone,
                    asked_for.MetricName ? *asked_for.MetricName : kNone, asked_for.Dimensions,
                    *stat.Stat};
  auto name = weir_metric(context.world, context.tenant, asked);
  if (!name) co_return points;
  const bool own = asked_for.MetricName == "TargetResponseTime" && percentile_of(*stat.Stat);
  const Range range{begin, end, std::chrono::seconds(*stat.Period)};
  auto reading = buckets(context, *std::move(name), range);
  const auto read = co_await reading;
  for (const auto& [at, bucket] : read) {
    if (const auto value = statistic(bucket, own ? "Average" : *stat.Stat)) points[at] = *value;
  }
  co_return points;
}

// At each time that one of its metrics has a value for.
Reply<Points> computed(const MetricDataQuery& query, const std::map<std::string, Points>& known) {
  const auto math = MetricMath::parse(*query.Expression);
  if (!math) {
    return refuse("ValidationError",
                  fmt::format("Error in expression '{}': {}", *query.Id, math.error().message));
  }
  std::vector<const Points*> parts;
  std::map<WallTime, bool> times;
  for (const weir::MetricName& name : math->names()) {
    const auto found = known.find(name.name);
    if (found == known.end()) {
      return refuse("ValidationError",
                    fmt::format("Error in expression '{}': Unknown Id {}", *query.Id, name.name));
    }
    parts.push_back(&found->second);
    for (const auto& [at, value] : found->second) times[at] = true;
  }
  Points points;
  for (const auto& [at, unused] : times) {
    const auto lookup = [&](std::size_t index, Time) -> std::optional<double> {
      const auto found = parts[index]->find(at);
      return found == parts[index]->end() ? std::nullopt : std::optional(found->second);
    };
    if (const auto value = math->at(lookup, Time())) points[at] = *value;
  }
  return points;
}

MetricDataResult result_of(const MetricDataQuery& query, const Points& points, bool oldest_first) {
  MetricDataResult result;
  result.Id = query.Id;
  result.Label = query.Label        ? query.Label
                 : query.MetricStat ? query.MetricStat->Metric->MetricName
                                    : query.Id;
  result.StatusCode = "Complete";
  result.Timestamps.give();
  result.Values.give();
  for (const auto& [at, value] : points) {
    result.Timestamps.push_back(at);
    result.Values.push_back(value);
  }
  if (!oldest_first) {
    std::ranges::reverse(result.Timestamps);
    std::ranges::reverse(result.Values);
  }
  return result;
}

}  // namespace

Task<Reply<GetMetricDataOutput>> get_metric_data(Context& context, const GetMetricDataInput& in) {
  if (*in.StartTime >= *in.EndTime) {
    co_return refuse("ValidationError", "The parameter StartTime must be less than EndTime.");
  }
  for (const MetricDataQuery& query : in.MetricDataQueries) CO_TRY_VOID(check_query(query));
  std::map<std::string, Points> known;
  for (const MetricDataQuery& query : in.MetricDataQueries) {
    if (!query.MetricStat) continue;
    auto reading = points_of(context, *query.MetricStat, *in.StartTime, *in.EndTime);
    known[*query.Id] = co_await reading;
  }
  // An expression may use another; a circle is an unknown Id of one that is in it.
  std::size_t left = 0;
  do {
    left = in.MetricDataQueries.size() - known.size();
    for (const MetricDataQuery& query : in.MetricDataQueries) {
      if (known.contains(*query.Id)) continue;
      if (auto points = computed(query, known)) known[*query.Id] = std::move(*points);
    }
  } while (in.MetricDataQueries.size() - known.size() < left);
  const bool oldest_first = in.ScanBy == "TimestampAscending";
  std::size_t most = in.MaxDatapoints ? static_cast<std::size_t>(*in.MaxDatapoints) : 100'800;
  GetMetricDataOutput out;
  for (const MetricDataQuery& query : in.MetricDataQueries) {
    const auto found = known.find(*query.Id);
    if (found == known.end()) {
      auto why = computed(query, known);
      co_return tl::unexpected(why.error());
    }
    if (!query.ReturnData.value_or(true)) continue;
    out.MetricDataResults.push_back(result_of(query, found->second, oldest_first));
    MetricDataResult& result = out.MetricDataResults.back();
    if (result.Values.size() > most) {
      result.Values.resize(most);
      result.Timestamps.resize(most);
      result.StatusCode = "PartialData";
    }
    most -= result.Values.size();
  }
  co_return out;
}

}  // namespace weir::amazon::cloudwatch
