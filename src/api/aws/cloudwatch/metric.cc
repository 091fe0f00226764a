#include "api/aws/cloudwatch/metric.h"

#include <fmt/format.h>

#include <array>

#include "api/aws/cloudwatch_names.h"

namespace weir::amazon::cloudwatch {
namespace {

// What AWS measures of its own, and weir too.
struct Ours {
  std::string_view name_space;
  std::string_view metric;
  std::string_view dimension;  // that names whose
  std::string_view subject;    // weir's
  std::string_view name;       // weir's
};
constexpr std::array kOurs = {
    Ours{"AWS/EC2", "CPUUtilization", "AutoScalingGroupName", "scaling_group", "cpu_percent"},
    Ours{"AWS/EC2", "CPUUtilization", "InstanceId", "instance", "cpu_percent"},
    Ours{"AWS/AutoScaling", "GroupDesiredCapacity", "AutoScalingGroupName", "scaling_group",
         "desired"},
    Ours{"AWS/AutoScaling", "GroupTotalInstances", "AutoScalingGroupName", "scaling_group",
         "instances"},
    Ours{"AWS/AutoScaling", "GroupInServiceInstances", "AutoScalingGroupName", "scaling_group",
         "endpoints"},
    Ours{"AWS/ApplicationELB", "RequestCount", "TargetGroup", "target_group",
         "requests_per_second"},
    Ours{"AWS/ApplicationELB", "RequestCountPerTarget", "TargetGroup", "target_group",
         "requests_per_second_per_endpoint"},
    Ours{"AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "TargetGroup", "target_group",
         "errors_per_second"},
    Ours{"AWS/ApplicationELB", "TargetResponseTime", "TargetGroup", "target_group", "latency_mean"},
    Ours{"AWS/ApplicationELB", "HealthyHostCount", "TargetGroup", "target_group",
         "healthy_endpoints"},
    Ours{"AWS/NetworkELB", "HealthyHostCount", "TargetGroup", "target_group", "healthy_endpoints"},
};

// targetgroup/web/73e2d6bc24d8a067 to web.
std::string_view middle(std::string_view text) {
  const auto first = text.find('/');
  if (first == text.npos) return text;
  text.remove_prefix(first + 1);
  return text.substr(0, text.find('/'));
}

const std::string* value_of(const Dimensions& dimensions, std::string_view name) {
  for (const Dimension& one : dimensions) {
    if (one.Name == name) return &*one.Value;
  }
  return nullptr;
}

}  // namespace

std::optional<weir::MetricName> weir_metric(const World& world, const Tenant& tenant,
                                            const Asked& asked) {
  weir::MetricName out;
  if (asked.name_space == "Weir") {
    out.name = asked.metric;
    for (const Dimension& one : asked.dimensions) out.dimensions[*one.Name] = *one.Value;
    if (!world.is_home(tenant)) return std::nullopt;
    return out;
  }
  if (asked.name_space.starts_with("AWS/")) {
    for (const Ours& ours : kOurs) {
      const std::string* whose = value_of(asked.dimensions, ours.dimension);
      if (asked.name_space != ours.name_space || asked.metric != ours.metric || !whose) continue;
      out.name = ours.name;
      if (out.name == "latency_mean" && asked.statistic.starts_with('p')) {
        out.name = fmt::format("latency_{}", asked.statistic);
      }
      const bool instance = ours.subject == "instance";
      out.dimensions[std::string(ours.subject)] =
          instance ? *whose
                   : world.name(tenant, ours.subject == "target_group" ? middle(*whose) : *whose);
      return out;
    }
    return std::nullopt;
  }
  std::map<std::string, std::string> dimensions;
  for (const Dimension& one : asked.dimensions) dimensions[*one.Name] = *one.Value;
  return amazon::custom_metric(asked.name_space, asked.metric, dimensions,
                               world.metrics_of(tenant));
}

std::optional<Metric> custom_metric(const World& world, const Tenant& tenant,
                                    std::string_view name) {
  auto known = cloudwatch_name(name, world.metrics_of(tenant));
  if (!known) return std::nullopt;
  Metric metric;
  metric.Namespace = std::move(known->name_space);
  metric.MetricName = std::move(known->metric);
  for (const auto& [key, value] : known->dimensions) metric.Dimensions.push_back({key, value});
  metric.Dimensions.give();
  return metric;
}

std::vector<std::string> metrics_of_groups() {
  std::vector<std::string> all;
  for (const Ours& ours : kOurs) {
    if (ours.subject == "scaling_group") {
      all.push_back(fmt::format("{}\n{}", ours.name_space, ours.metric));
    }
  }
  return all;
}

}  // namespace weir::amazon::cloudwatch
