// What a metric of CloudWatch is called within weir: custom.NAMESPACE.METRIC{dimension=value}. The
// one place that says so. Pure; any thread.
//
// Letters, digits and '_' stay; another character of a namespace or metric is :HH, of a value that
// weir's names can't hold %HH, of a dimension's name _XHH_.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "model/metric_name.h"

namespace weir::amazon {

// Of a custom namespace. `tenant`: World::metrics_of; a dimension of its own where it is not empty.
MetricName custom_metric(std::string_view name_space, std::string_view metric,
                         const std::map<std::string, std::string>& dimensions,
                         const std::string& tenant);

struct CloudWatchName {
  std::string name_space;
  std::string metric;
  std::map<std::string, std::string> dimensions;
};
// The other way; a custom metric that CloudWatch did not make is of the namespace Weir. nullopt: it
// is none, or another tenant's.
std::optional<CloudWatchName> cloudwatch_name(std::string_view metric, const std::string& tenant);

}  // namespace weir::amazon
