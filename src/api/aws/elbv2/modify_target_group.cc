#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/group_settings.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<ModifyTargetGroupOutput>> modify_target_group(Context& context,
                                                         const ModifyTargetGroupInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  CO_TRY_VOID(find_target_group(book, *in.TargetGroupArn));
  auto* kept = book.target_groups.edit(*in.TargetGroupArn);
  CheckSettings wanted;
  wanted.enabled = in.HealthCheckEnabled;
  wanted.protocol = in.HealthCheckProtocol;
  wanted.port = in.HealthCheckPort;
  wanted.path = in.HealthCheckPath;
  wanted.interval = in.HealthCheckIntervalSeconds;
  wanted.timeout = in.HealthCheckTimeoutSeconds;
  wanted.healthy = in.HealthyThresholdCount;
  wanted.unhealthy = in.UnhealthyThresholdCount;
  wanted.matcher = in.Matcher;
  CO_TRY_VOID(set_check(wanted, kept->value));
  ModifyTargetGroupOutput out;
  out.TargetGroups.push_back(with_users(kept->value, users_of_groups(book)));
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return out;
}

}  // namespace weir::amazon::elbv2
