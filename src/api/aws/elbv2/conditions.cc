#include "api/aws/elbv2/conditions.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/regex.h"
#include "model/ip.h"

namespace weir::amazon::elbv2 {
namespace {

constexpr std::size_t kLongestValue = 128;

Reply<void> check_values(const std::string& field, const ListOf<std::string>& values,
                         const ListOf<std::string>& expressions) {
  if (values.empty() == expressions.empty()) {
    return refuse("ValidationError",
                  values.empty()
                      ? fmt::format("A condition value must be specified for '{}'", field)
                      : fmt::format("Specify either Values or RegexValues for '{}'", field));
  }
  for (const std::string& value : values) {
    if (value.empty() || value.size() > kLongestValue) {
      return refuse(
          "ValidationError",
          fmt::format("Condition value '{}' must have 1 to {} characters", value, kLongestValue));
    }
  }
  for (const std::string& value : expressions) {
    if (Regex::compile(value, false)) continue;
    return refuse("ValidationError",
                  fmt::format("The regular expression '{}' is not valid", value));
  }
  return {};
}

// Of the two spellings one: the values of `config` and those beside it.
template <class Config>
Reply<void> check_both(RuleCondition& condition, std::optional<Config>& config) {
  const std::string& field = *condition.Field;
  if (!config) config.emplace();
  const auto either = [&](ListOf<std::string>& beside, ListOf<std::string>& within) -> Reply<void> {
    if (!beside.empty() && !within.empty() && beside != within) {
      return refuse("ValidationError", fmt::format("Specify the values of '{}' once", field));
    }
    if (within.empty()) within = beside;
    return {};
  };
  TRY_VOID(either(condition.Values, config->Values));
  TRY_VOID(either(condition.RegexValues, config->RegexValues));
  TRY_VOID(check_values(field, config->Values, config->RegexValues));
  condition.Values = config->Values;
  if (!config->RegexValues.empty()) condition.RegexValues = config->RegexValues;
  return {};
}

Reply<void> check_query(const RuleCondition& condition) {
  if (!condition.QueryStringConfig || condition.QueryStringConfig->Values.empty()) {
    return refuse("ValidationError", "A condition value must be specified for 'query-string'");
  }
  for (const QueryStringKeyValuePair& pair : condition.QueryStringConfig->Values) {
    if (pair.Value) continue;
    return refuse("ValidationError", "A query string condition needs a Value");
  }
  return {};
}

Reply<void> check_condition(RuleCondition& condition) {
  const std::string field = condition.Field.value_or("");
  if (field == "host-header") return check_both(condition, condition.HostHeaderConfig);
  if (field == "path-pattern") return check_both(condition, condition.PathPatternConfig);
  if (field == "http-header") {
    if (!condition.HttpHeaderConfig || !condition.HttpHeaderConfig->HttpHeaderName) {
      return refuse("ValidationError", "An http-header condition needs an HttpHeaderName");
    }
    return check_values(field, condition.HttpHeaderConfig->Values,
                        condition.HttpHeaderConfig->RegexValues);
  }
  if (field == "http-request-method") {
    if (!condition.HttpRequestMethodConfig) condition.HttpRequestMethodConfig.emplace();
    return check_values(field, condition.HttpRequestMethodConfig->Values, {});
  }
  if (field == "query-string") return check_query(condition);
  if (field == "source-ip") {
    if (!condition.SourceIpConfig) condition.SourceIpConfig.emplace();
    for (const std::string& block : condition.SourceIpConfig->Values) {
      if (parse_cidr(block)) continue;
      return refuse("ValidationError", fmt::format("The CIDR block '{}' is not valid", block));
    }
    return check_values(field, condition.SourceIpConfig->Values, {});
  }
  return refuse("ValidationError",
                fmt::format("Condition field '{}' must be one of '[path-pattern, host-header, "
                            "http-header, http-request-method, query-string, source-ip]'",
                            field));
}

Reply<void> check_rewrites(const std::string& type, const ListOf<RewriteConfig>& rewrites) {
  if (rewrites.size() != 1) {
    return refuse("ValidationError",
                  fmt::format("A transform '{}' needs exactly one rewrite", type));
  }
  if (Regex::compile(*rewrites.front().Regex, false)) return {};
  return refuse("ValidationError",
                fmt::format("The regular expression '{}' is not valid", *rewrites.front().Regex));
}

void add(Names& into, const ListOf<std::string>& values) {
  into.insert(into.end(), values.begin(), values.end());
}

void add_query(Match& match, const QueryStringConditionConfig& config) {
  const bool alone = config.Values.size() == 1;
  for (const QueryStringKeyValuePair& pair : config.Values) {
    (alone ? match.query : match.query_any)
        .emplace_back(pair.Key.value_or(""), Names{pair.Value.value_or("")});
  }
}

}  // namespace

Reply<ListOf<RuleCondition>> checked_conditions(ListOf<RuleCondition> conditions) {
  if (conditions.empty()) {
    return refuse("ValidationError", "A rule must have at least one condition");
  }
  static const std::set<std::string> kOnce = {"host-header", "path-pattern", "http-request-method",
                                              "source-ip"};
  std::set<std::string> seen;
  std::size_t choices = 0;  // query-string with several pairs
  for (RuleCondition& condition : conditions) {
    TRY_VOID(check_condition(condition));
    const std::string& field = *condition.Field;
    if (!seen.insert(field).second && kOnce.contains(field)) {
      return refuse("ValidationError",
                    fmt::format("A rule can have one condition with the field '{}'", field));
    }
    if (condition.QueryStringConfig && condition.QueryStringConfig->Values.size() > 1) ++choices;
  }
  if (choices > 1) {
    return refuse("ValidationError",
                  "More than one query-string condition with several values is not supported here");
  }
  return conditions;
}

Reply<ListOf<RuleTransform>> checked_transforms(ListOf<RuleTransform> transforms) {
  std::set<std::string> seen;
  for (const RuleTransform& one : transforms) {
    const bool host = one.Type == "host-header-rewrite";
    if (!seen.insert(*one.Type).second) {
      return refuse("ValidationError",
                    fmt::format("A rule can have one transform '{}'", *one.Type));
    }
    static const ListOf<RewriteConfig> kNone;
    const auto& rewrites =
        host ? (one.HostHeaderRewriteConfig ? one.HostHeaderRewriteConfig->Rewrites : kNone)
             : (one.UrlRewriteConfig ? one.UrlRewriteConfig->Rewrites : kNone);
    TRY_VOID(check_rewrites(*one.Type, rewrites));
  }
  return transforms;
}

Match match_of(const ListOf<RuleCondition>& conditions) {
  Match match;
  for (const RuleCondition& one : conditions) {
    if (one.HostHeaderConfig) {
      add(match.host, one.HostHeaderConfig->Values);
      add(match.host_regex, one.HostHeaderConfig->RegexValues);
    }
    if (one.PathPatternConfig) {
      add(match.path, one.PathPatternConfig->Values);
      add(match.path_regex, one.PathPatternConfig->RegexValues);
    }
    if (one.HttpHeaderConfig) {
      const std::string name = one.HttpHeaderConfig->HttpHeaderName.value_or("");
      const auto& values = one.HttpHeaderConfig->Values;
      const auto& expressions = one.HttpHeaderConfig->RegexValues;
      if (!values.empty()) match.header.emplace_back(name, Names(values));
      if (!expressions.empty()) match.header_regex.emplace_back(name, Names(expressions));
    }
    if (one.HttpRequestMethodConfig) add(match.method, one.HttpRequestMethodConfig->Values);
    if (one.QueryStringConfig) add_query(match, *one.QueryStringConfig);
    if (one.SourceIpConfig) add(match.source, one.SourceIpConfig->Values);
  }
  return match;
}

Rewrite rewrite_of(const ListOf<RuleTransform>& transforms) {
  Rewrite rewrite;
  for (const RuleTransform& one : transforms) {
    if (one.HostHeaderRewriteConfig) {
      const RewriteConfig& to = one.HostHeaderRewriteConfig->Rewrites.front();
      rewrite.host_regex = to.Regex.value_or("");
      rewrite.host = to.Replace.value_or("");
    }
    if (one.UrlRewriteConfig) {
      const RewriteConfig& to = one.UrlRewriteConfig->Rewrites.front();
      rewrite.path_regex = to.Regex.value_or("");
      rewrite.path = to.Replace.value_or("");
    }
  }
  return rewrite;
}

std::string text_of(const Match& match) {
  std::string text;
  const auto list = [&text](std::string_view key, Names values) {
    if (values.empty()) return;
    std::ranges::sort(values);
    text += key;
    for (const std::string& value : values) text += '\1' + value;
    text += '\2';
  };
  list("host", match.host);
  list("path", match.path);
  for (const auto& [name, values] : match.header) list("header " + name, values);
  list("method", match.method);
  for (const auto& [name, values] : match.query) list("query " + name, values);
  for (const auto& [name, values] : match.query_any) list("any query " + name, values);
  list("source", match.source);
  list("host regex", match.host_regex);
  list("path regex", match.path_regex);
  for (const auto& [name, values] : match.header_regex) list("header regex " + name, values);
  return text;
}

}  // namespace weir::amazon::elbv2
