#include "api/aws/cloudwatch_names.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::amazon {
namespace {

// Letters, digits and '_'; not a digit first.
std::string plain(std::string_view text) {
  std::string result(text);
  std::ranges::replace_if(
      result,
      [](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return !letter && !(c >= '0' && c <= '9') && c != '_';
      },
      '_');
  if (result.empty() || (result.front() >= '0' && result.front() <= '9')) result.insert(0, "_");
  return result;
}

}  // namespace

Result<MetricName> custom_metric(std::string_view name_space, std::string_view metric,
                                 const std::map<std::string, std::string>& dimensions) {
  MetricName name;
  name.name = fmt::format("{}{}.{}", kCustom, plain(name_space), plain(metric));
  for (const auto& [key, value] : dimensions) name.dimensions[plain(key)] = value;
  return parse_metric_name(to_string(name));
}

}  // namespace weir::amazon
