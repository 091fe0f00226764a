#include "api/aws/cloudwatch/metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace weir::amazon::cloudwatch {
namespace {

constexpr std::string_view kTenant = "aws_tenant";  // a dimension of other tenants' metrics

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

template <class Keep>
std::string escaped_with(std::string_view text, char mark, Keep keep) {
  std::string out;
  for (const char c : text) {
    if (keep(c)) {
      out += c;
    } else {
      out += fmt::format("{}{:02X}", mark, static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string unescaped(std::string_view text, char mark) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : (c & ~0x20) - 'A' + 10; };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == mark && i + 2 < text.size() && std::isxdigit(text[i + 1]) &&
        std::isxdigit(text[i + 2])) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string name_part(std::string_view text) { return escaped_with(text, ':', is_word); }
// A dimension's name has no ':': what is no word becomes an X and two digits between underlines.
std::string dimension_part(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_word(c)) {
      out += c;
    } else {
      out += fmt::format("_X{:02X}_", static_cast<unsigned char>(c));
    }
  }
  if (!out.empty() && out[0] >= '0' && out[0] <= '9') out.insert(0, "_X_");
  return out;
}

std::string dimension_back(std::string_view text) {
  std::string out;
  if (text.starts_with("_X_")) text.remove_prefix(3);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text.substr(i, 2) == "_X" && i + 4 < text.size() && text[i + 4] == '_' &&
                        std::isxdigit(text[i + 2]) && std::isxdigit(text[i + 3]);
    if (!escape) {
      out += text[i];
      continue;
    }
    out += unescaped(fmt::format(":{}", text.substr(i + 2, 2)), ':');
    i += 4;
  }
  return out;
}

std::string value_part(std::string_view text) {
  return escaped_with(text, '%', [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != ',' && c != '}' && c != '"' && c != '%' &&
           c != 0x7f;
  });
}

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
  out.name = fmt::format("{}{}.{}", kCustom, name_part(asked.name_space), name_part(asked.metric));
  for (const Dimension& one : asked.dimensions) {
    out.dimensions[dimension_part(*one.Name)] = value_part(*one.Value);
  }
  if (!world.is_home(tenant)) {
    out.dimensions[std::string(kTenant)] = tenant.account + "/" + tenant.region;
  }
  return out;
}

std::optional<Metric> custom_metric(const World& world, const Tenant& tenant,
                                    std::string_view name) {
  const auto parsed = parse_metric_name(name);
  if (!parsed || !is_custom(parsed->name)) return std::nullopt;
  const std::string_view rest = std::string_view(parsed->name).substr(kCustom.size());
  const auto dot = rest.find('.');
  const auto whose = parsed->dimensions.find(std::string(kTenant));
  const bool home = world.is_home(tenant);
  const bool mine = whose == parsed->dimensions.end()
                        ? home
                        : whose->second == tenant.account + "/" + tenant.region;
  if (!mine) return std::nullopt;
  Metric metric;
  metric.Namespace = dot == rest.npos ? "Weir" : unescaped(rest.substr(0, dot), ':');
  metric.MetricName = dot == rest.npos ? parsed->name : unescaped(rest.substr(dot + 1), ':');
  for (const auto& [key, value] : parsed->dimensions) {
    if (key != kTenant) metric.Dimensions.push_back({dimension_back(key), unescaped(value, '%')});
  }
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
