#include <fmt/format.h>

#include "api/aws/cloudwatch/metric.h"
#include "series/library.h"

namespace weir::amazon::cloudwatch {
namespace {

// What a datum says: values, each so many times.
struct Said {
  double sum = 0;
  double count = 0;
};

Reply<std::vector<Said>> said_by(const MetricDatum& datum) {
  const int ways = int{datum.Value.has_value()} + int{datum.StatisticValues.has_value()} +
                   int{datum.Values.given()};
  if (ways != 1) {
    return refuse(ways == 0 ? "MissingParameter" : "InvalidParameterCombination",
                  fmt::format("The metric {} must have one of Value, Values and StatisticValues.",
                              *datum.MetricName));
  }
  if (datum.Value) return std::vector<Said>{{*datum.Value, 1}};
  if (datum.StatisticValues) {
    const StatisticSet& set = *datum.StatisticValues;
    // The mean must lie between the bounds; what weir keeps of the set is the sum and the number.
    if (*set.SampleCount <= 0 || *set.Minimum > *set.Maximum ||
        *set.Sum / *set.SampleCount < *set.Minimum - 1e-9 ||
        *set.Sum / *set.SampleCount > *set.Maximum + 1e-9) {
      return refuse("InvalidParameterValue",
                    fmt::format("The statistics of {} contradict each other.", *datum.MetricName));
    }
    return std::vector<Said>{{*set.Sum, *set.SampleCount}};
  }
  if (datum.Counts.given() && datum.Counts.size() != datum.Values.size()) {
    return refuse("InvalidParameterValue", "Values and Counts must have as many members.");
  }
  std::vector<Said> all;
  for (std::size_t i = 0; i < datum.Values.size(); ++i) {
    const double count = datum.Counts.given() ? datum.Counts[i] : 1;
    if (count > 0) all.push_back({datum.Values[i] * count, count});
  }
  return all;
}

}  // namespace

Task<Reply<PutMetricDataOutput>> put_metric_data(Context& context, const PutMetricDataInput& in) {
  if (in.Namespace->starts_with("AWS/")) {
    return refuse("InvalidParameterValue",
                  "The value AWS/ for parameter Namespace is invalid: namespaces that begin so are "
                  "AWS's own.");
  }
  struct Row {
    weir::MetricName name;
    Said said;
    std::optional<WallTime> time;
  };
  std::vector<Row> rows;
  for (const MetricDatum& datum : in.MetricData) {
    const Asked asked{*in.Namespace, *datum.MetricName, datum.Dimensions};
    auto name = weir_metric(context.world, context.tenant, asked);
    if (!name || name->dimensions.size() > kMostDimensions) {
      return refuse("InvalidParameterValue",
                    fmt::format("The metric {} has more than {} dimensions.", *datum.MetricName,
                                kMostDimensions));
    }
    // Each second is kept for 3 hours and each minute for 15 days, whatever is asked for.
    if (const auto seconds = datum.StorageResolution.value_or(60); seconds != 1 && seconds != 60) {
      return refuse("InvalidParameterValue", "The parameter StorageResolution must be 1 or 60.");
    }
    TRY(const auto all, said_by(datum));
    for (const Said& said : all) rows.push_back({*name, said, datum.Timestamp});
  }
  const control::MeterMoment now = context.world.control().moment();
  for (Row& row : rows) {
    const Duration ago = row.time ? now.wall - *row.time : Duration(0);
    if (ago > 14 * 24h || ago < -2h) {
      return refuse("InvalidParameterValue",
                    "The parameter MetricData.member.1.Timestamp must be within the last two weeks "
                    "and two hours.");
    }
    if (ago >= std::chrono::seconds(series::kLong.seconds)) {
      context.world.control().push_minute(row.name, row.said.sum / row.said.count, *row.time);
      continue;
    }
    const auto done =
        context.world.control().push(std::move(row.name), row.said.sum, row.time, row.said.count);
    if (!done) return refuse("InvalidParameterValue", done.error().message);
  }
  return PutMetricDataOutput{};
}

}  // namespace weir::amazon::cloudwatch
