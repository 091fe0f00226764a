// Which metric of weir one of CloudWatch's is.
//
// A custom namespace becomes a custom metric: custom.NAMESPACE.METRIC{dimension=value}, with what
// weir's names may not hold written as :HH (in values %HH). Of AWS's own namespaces those are known
// that weir measures; the table is in metric.cc. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/aws/cloudwatch/service.h"
#include "api/aws/world.h"
#include "model/metric_name.h"

namespace weir::amazon::cloudwatch {

using Dimensions = aws::ListOf<Dimension>;

struct Asked {
  const std::string& name_space;
  const std::string& metric;
  const Dimensions& dimensions;
  std::string_view statistic{};  // a percentile of a latency is a metric of its own
};

// Nothing: weir does not measure it.
std::optional<weir::MetricName> weir_metric(const World& world, const Tenant& tenant,
                                            const Asked& asked);
// A custom metric back; nothing: not of this tenant, or none of CloudWatch's.
std::optional<Metric> custom_metric(const World& world, const Tenant& tenant,
                                    std::string_view name);
// Those of AWS's namespaces that a scaling group and a target group have.
std::vector<std::string> metrics_of_groups();

}  // namespace weir::amazon::cloudwatch
