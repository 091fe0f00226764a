#include "api/aws/elbv2/attributes.h"
#include "api/aws/elbv2/find.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {
namespace {

Reply<void> check_together(Attributes known, const Set& set) {
  const std::string cookie = attribute(known, set, "stickiness.app_cookie.cookie_name");
  const bool by_application = is_on(known, set, "stickiness.enabled") &&
                              attribute(known, set, "stickiness.type") == "app_cookie";
  if (by_application && cookie.empty()) {
    return refuse("InvalidConfigurationRequest",
                  "You must specify a cookie name to enable application-based stickiness");
  }
  if (cookie.starts_with("AWSALB")) {
    return refuse("InvalidConfigurationRequest",
                  "The cookie names AWSALB, AWSALBAPP and AWSALBTG are reserved");
  }
  const std::string type = attribute(known, set, "load_balancing.algorithm.type");
  if (attribute(known, set, "load_balancing.algorithm.anomaly_mitigation") == "on" &&
      type != "weighted_random") {
    return refuse("InvalidConfigurationRequest",
                  "Anomaly mitigation needs the algorithm weighted_random");
  }
  return {};
}

}  // namespace

Task<Reply<ModifyTargetGroupAttributesOutput>> modify_target_group_attributes(
    Context& context, const ModifyTargetGroupAttributesInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  CO_TRY_VOID(find_target_group(book, *in.TargetGroupArn));
  auto* kept = book.target_groups.edit(*in.TargetGroupArn);
  const Attributes known = attributes_of(kept->value);
  for (const TargetGroupAttribute& one : in.Attributes) {
    CO_TRY_VOID(set_attribute(known, "Target group", one.Key.value_or(""), one.Value.value_or(""),
                              kept->attributes));
  }
  CO_TRY_VOID(check_together(known, kept->attributes));
  ModifyTargetGroupAttributesOutput out;
  out.Attributes = all_attributes<TargetGroupAttribute>(known, kept->attributes);
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return out;
}

}  // namespace weir::amazon::elbv2
