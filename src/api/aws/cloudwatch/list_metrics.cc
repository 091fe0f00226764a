#include <algorithm>

#include "api/aws/cloudwatch/book.h"
#include "api/aws/cloudwatch/metric.h"

namespace weir::amazon::cloudwatch {
namespace {

bool is_asked_for(const Metric& metric, const ListMetricsInput& in) {
  if (in.Namespace && metric.Namespace != in.Namespace) return false;
  if (in.MetricName && metric.MetricName != in.MetricName) return false;
  return std::ranges::all_of(in.Dimensions, [&](const DimensionFilter& filter) {
    return std::ranges::any_of(metric.Dimensions, [&](const Dimension& one) {
      return one.Name == filter.Name && (!filter.Value || one.Value == filter.Value);
    });
  });
}

}  // namespace

Task<Reply<ListMetricsOutput>> list_metrics(Context& context, const ListMetricsInput& in) {
  constexpr std::size_t kMost = 500;
  if (in.RecentlyActive && *in.RecentlyActive != "PT3H") {
    return refuse("InvalidParameterValue", "The parameter RecentlyActive must be PT3H.");
  }
  // What has had no value for 3 hours is not kept by name: all are recently active.
  std::vector<Metric> all;
  for (const std::string& name : context.world.control().meters().library().names(kCustom)) {
    auto metric = custom_metric(context.world, context.tenant, name);
    if (metric && is_asked_for(*metric, in)) all.push_back(std::move(*metric));
  }
  if (context.world.is_home(context.tenant)) {
    for (const auto& [group, one] : context.world.control().desired().scaling_groups) {
      for (const std::string& words : metrics_of_groups()) {
        Metric metric;
        metric.Namespace = words.substr(0, words.find('\n'));
        metric.MetricName = words.substr(words.find('\n') + 1);
        metric.Dimensions.push_back({"AutoScalingGroupName", group});
        if (is_asked_for(metric, in)) all.push_back(std::move(metric));
      }
    }
  }
  TRY(auto page, page_of(std::move(all), in.NextToken, kMost));
  ListMetricsOutput out;
  out.Metrics = std::move(page.items);
  out.NextToken = page.next;
  return out;
}

}  // namespace weir::amazon::cloudwatch
