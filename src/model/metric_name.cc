#include "model/metric_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weir {
namespace {

constexpr std::size_t kLongestName = 128;
constexpr std::size_t kLongestValue = 256;

constexpr std::array kSubjects = {Subject::listener, Subject::target_group, Subject::scaling_group,
                                  Subject::zone,     Subject::endpoint,     Subject::instance};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool good_name(std::string_view text, bool dotted) {
  if (text.empty() || text.size() > kLongestName || !is_letter(text.front())) return false;
  return std::ranges::all_of(text, [&](char c) {
    return is_letter(c) || is_digit(c) || (dotted && (c == '.' || c == ':'));
  });
}

bool good_value(std::string_view text) {
  if (text.empty() || text.size() > kLongestValue) return false;
  return std::ranges::all_of(text, [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u >= 0x20 && u != 0x7f && c != ',' && c != '{' && c != '}' && c != '"';
  });
}

auto wrong(std::string what) { return fail(Code::invalid, std::move(what)); }

}  // namespace

std::string_view to_string(Subject subject) {
  switch (subject) {
    case Subject::listener:
      return "listener";
    case Subject::target_group:
      return "target_group";
    case Subject::scaling_group:
      return "scaling_group";
    case Subject::zone:
      return "zone";
    case Subject::endpoint:
      return "endpoint";
    case Subject::instance:
      return "instance";
  }
  return "";
}

const std::vector<std::string>& subject_words() {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> all;
    for (const Subject subject : kSubjects) all.emplace_back(to_string(subject));
    return all;
  }();
  return words;
}

const std::vector<std::string>& metrics_of(Subject subject) {
  static const std::array<std::vector<std::string>, kSubjects.size()> all = {{
      {"requests_per_second", "errors_per_second", "connections_per_second"},
      {"in_flight", "waiting", "requests_per_second", "errors_per_second", "endpoints",
       "healthy_endpoints", "in_flight_per_endpoint", "waiting_per_endpoint",
       "requests_per_second_per_endpoint", "latency", "latency_mean", "latency_p50", "latency_p90",
       "latency_p95", "latency_p99"},
      {"in_flight", "waiting", "requests_per_second", "instances", "endpoints", "desired",
       "cpu_percent", "memory_percent", "gpu_percent", "gpu_memory_percent",
       "in_flight_per_endpoint", "waiting_per_endpoint", "requests_per_second_per_endpoint"},
      {"endpoints", "healthy_endpoints", "in_flight"},
      {"in_flight", "healthy", "latency_mean"},
      {"in_flight", "cpu_percent", "memory_percent", "gpu_percent", "gpu_memory_percent"},
  }};
  return all[static_cast<std::size_t>(subject)];
}

const std::vector<std::string>& alarm_metrics() {
  static const std::vector<std::string> words = {"waiting",
                                                 "in_flight",
                                                 "in_flight_per_endpoint",
                                                 "waiting_per_endpoint",
                                                 "requests_per_second",
                                                 "requests_per_second_per_endpoint",
                                                 "latency",
                                                 "cpu_percent",
                                                 "memory_percent",
                                                 "gpu_percent",
                                                 "gpu_memory_percent",
                                                 "instances"};
  return words;
}

const std::vector<std::string>& tracked_metrics() {
  static const std::vector<std::string> words = {"in_flight_per_endpoint",
                                                 "requests_per_second_per_endpoint",
                                                 "latency_p50",
                                                 "latency_p90",
                                                 "latency_p95",
                                                 "latency_p99",
                                                 "cpu_percent",
                                                 "memory_percent",
                                                 "gpu_percent",
                                                 "gpu_memory_percent"};
  return words;
}

Result<MetricName> parse_metric_name(std::string_view text) {
  text = trimmed(text);
  MetricName result;
  const std::size_t open = std::min(text.find('{'), text.size());
  result.name = trimmed(text.substr(0, open));
  if (!good_name(result.name, true)) {
    return wrong(fmt::format("'{}' is no name of a metric", result.name));
  }
  if (open == text.size()) return result;
  if (text.back() != '}') return wrong("has a '{' and does not end with '}'");
  std::string_view rest = text.substr(open + 1, text.size() - open - 2);
  while (true) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string_view pair = rest.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (equals == pair.npos) {
      return wrong(fmt::format("'{}' is no dimension=value", trimmed(pair)));
    }
    const std::string key(trimmed(pair.substr(0, equals)));
    const std::string value(trimmed(pair.substr(equals + 1)));
    if (!good_name(key, false)) return wrong(fmt::format("'{}' is no dimension", key));
    if (!good_value(value)) return wrong(fmt::format("dimension {} has no good value", key));
    if (!result.dimensions.emplace(key, value).second) {
      return wrong(fmt::format("dimension {} is there twice", key));
    }
    if (result.dimensions.size() > kMostDimensions) return wrong("has more than 10 dimensions");
    if (end == rest.size()) return result;
    rest.remove_prefix(end + 1);
  }
}

std::string to_string(const MetricName& name) {
  if (name.dimensions.empty()) return name.name;
  std::string text = name.name + "{";
  for (const auto& [key, value] : name.dimensions) {
    if (text.back() != '{') text += ',';
    text += key + "=" + value;
  }
  return text + "}";
}

}  // namespace weir
