#include <algorithm>
#include <vector>

#include "api/aws/elbv2/declared.h"
#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/names.h"
#include "api/aws/elbv2/page.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {
namespace {

Rows<Rule> rules_in_order(const ElbBook& book, const std::string& listener) {
  Rows<Rule> rows;
  each_below(
      book.rules, rule_prefix(listener),
      [&](const std::string& arn, const Kept<Rule>& kept) { rows.emplace_back(arn, &kept.value); });
  std::ranges::sort(rows, {}, [](const auto& row) { return priority_of(*row.second); });
  return rows;
}

}  // namespace

Task<Reply<DescribeRulesOutput>> describe_rules(Context& context, const DescribeRulesInput& in) {
  const ElbBook book = visible(context);
  std::vector<Rule> defaults;
  defaults.reserve(1 + in.RuleArns.size());
  Rows<Rule> rows;
  if (in.ListenerArn && !in.RuleArns.empty()) {
    return refuse("ValidationError", "You cannot specify both a listener ARN and rule ARNs");
  }
  if (in.ListenerArn) {
    TRY(const auto* listener, find_listener(book, *in.ListenerArn));
    rows = rules_in_order(book, *in.ListenerArn);
    defaults.push_back(default_rule(listener->value));
    rows.emplace_back(*defaults.back().RuleArn, &defaults.back());
  } else if (in.RuleArns.empty()) {
    return refuse("ValidationError", "You must specify either a listener ARN or rule ARNs");
  }
  for (const std::string& arn : in.RuleArns) {
    const auto* listener = book.listeners.find(listener_of_rule(arn));
    if (listener != nullptr && default_rule(listener->value).RuleArn == arn) {
      defaults.push_back(default_rule(listener->value));
      rows.emplace_back(arn, &defaults.back());
      continue;
    }
    TRY(const auto* kept, find_rule(book, arn));
    rows.emplace_back(arn, &kept->value);
  }
  DescribeRulesOutput out;
  TRY(out.NextMarker,
      page(rows, in.Marker, in.PageSize, [&](const Rule& one) { out.Rules.push_back(one); }));
  return out;
}

}  // namespace weir::amazon::elbv2
