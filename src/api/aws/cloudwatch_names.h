// What a metric of CloudWatch is called within weir: custom.NAMESPACE.METRIC{dimension=value}. The
// one place that says so. Pure; any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/metric_name.h"

namespace weir::amazon {

// Of a custom namespace. What weir's names don't have becomes '_'. Code::invalid: a value that no
// name can hold.
Result<MetricName> custom_metric(std::string_view name_space, std::string_view metric,
                                 const std::map<std::string, std::string>& dimensions);

}  // namespace weir::amazon
