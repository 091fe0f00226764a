#include "api/aws/cloudwatch_names.h"

#include <fmt/format.h>

#include <cctype>

namespace weir::amazon {
namespace {

constexpr std::string_view kMetricTenant = "aws_tenant";  // a dimension of other tenants' metrics

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

}  // namespace

MetricName custom_metric(std::string_view name_space, std::string_view metric,
                         const std::map<std::string, std::string>& dimensions,
                         const std::string& tenant) {
  MetricName out;
  out.name = fmt::format("{}{}.{}", kCustom, name_part(name_space), name_part(metric));
  for (const auto& [key, value] : dimensions) {
    out.dimensions[dimension_part(key)] = value_part(value);
  }
  if (!tenant.empty()) out.dimensions[std::string(kMetricTenant)] = tenant;
  return out;
}

std::optional<CloudWatchName> cloudwatch_name(std::string_view metric, const std::string& tenant) {
  const auto parsed = parse_metric_name(metric);
  if (!parsed || !is_custom(parsed->name)) return std::nullopt;
  const auto whose = parsed->dimensions.find(std::string(kMetricTenant));
  if ((whose == parsed->dimensions.end() ? "" : whose->second) != tenant) return std::nullopt;
  const std::string_view rest = std::string_view(parsed->name).substr(kCustom.size());
  const auto dot = rest.find('.');
  CloudWatchName out;
  out.name_space = dot == rest.npos ? "Weir" : unescaped(rest.substr(0, dot), ':');
  out.metric = dot == rest.npos ? parsed->name : unescaped(rest.substr(dot + 1), ':');
  for (const auto& [key, value] : parsed->dimensions) {
    if (key != kMetricTenant) out.dimensions[dimension_back(key)] = unescaped(value, '%');
  }
  return out;
}

}  // namespace weir::amazon
