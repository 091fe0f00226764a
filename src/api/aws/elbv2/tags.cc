#include "api/aws/elbv2/tags.h"

#include "api/aws/elbv2/find.h"

namespace weir::amazon::elbv2 {

Reply<const Tags*> tags_of(const ElbBook& book, const std::string& arn) {
  if (arn.find(":loadbalancer/") != arn.npos) {
    TRY(const auto* kept, find_load_balancer(book, arn));
    return &kept->tags;
  }
  if (arn.find(":targetgroup/") != arn.npos) {
    TRY(const auto* kept, find_target_group(book, arn));
    return &kept->tags;
  }
  if (arn.find(":listener/") != arn.npos) {
    TRY(const auto* kept, find_listener(book, arn));
    return &kept->tags;
  }
  // A default rule has the tags of nobody.
  static const Tags kNone;
  const auto* listener = book.listeners.find(listener_of_rule(arn));
  if (listener != nullptr && default_rule(listener->value).RuleArn == arn) return &kNone;
  TRY(const auto* kept, find_rule(book, arn));
  return &kept->tags;
}

Reply<Tags*> tags_to_edit(ElbBook& book, const std::string& arn) {
  TRY_VOID(tags_of(book, arn));
  if (auto* kept = book.load_balancers.edit(arn)) return &kept->tags;
  if (auto* kept = book.target_groups.edit(arn)) return &kept->tags;
  if (auto* kept = book.listeners.edit(arn)) return &kept->tags;
  if (auto* kept = book.rules.edit(arn)) return &kept->tags;
  return refuse("OperationNotPermitted", "Default rules have no tags");
}

}  // namespace weir::amazon::elbv2
