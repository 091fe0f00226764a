#include <fmt/format.h>

#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/group_settings.h"
#include "api/aws/elbv2/settings.h"
#include "api/aws/world.h"
#include "api/aws/world/arn.h"

namespace weir::amazon::elbv2 {
namespace {

bool same_group(const TargetGroup& a, const TargetGroup& b) {
  return a.Protocol == b.Protocol && a.Port == b.Port && a.VpcId == b.VpcId &&
         a.TargetType == b.TargetType && a.ProtocolVersion == b.ProtocolVersion &&
         a.HealthCheckProtocol == b.HealthCheckProtocol && a.HealthCheckPort == b.HealthCheckPort &&
         a.HealthCheckPath == b.HealthCheckPath;
}

}  // namespace

Task<Reply<CreateTargetGroupOutput>> create_target_group(Context& context,
                                                         const CreateTargetGroupInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  CO_TRY(TargetGroup made, group_of_input(in));
  const std::string& name = *in.Name;
  if (const auto* other = target_group_named(book, name)) {
    if (!same_group(made, other->value)) {
      co_return refuse("DuplicateTargetGroupName",
                       fmt::format("A target group with the same name '{}' exists, but with "
                                   "different settings",
                                   name));
    }
    CreateTargetGroupOutput out;
    out.TargetGroups.push_back(other->value);
    co_return out;
  }
  const std::string own = context.world.name(context.tenant, name);
  if (context.world.control().desired().target_groups.contains(own) &&
      !context.world.has_made(&Desired::target_groups, own)) {
    co_return refuse(
        "DuplicateTargetGroupName",
        fmt::format("A target group with the same name '{}' is declared by a file", name));
  }
  made.TargetGroupArn = make_arn("elasticloadbalancing", context.tenant,
                                 fmt::format("targetgroup/{}/{}", name, draw_hex(16)));
  Kept<TargetGroup> kept;
  kept.value = made;
  kept.made = context.now;
  CO_TRY_VOID(set_tags(in.Tags, kept.tags));
  book.target_groups.put(*made.TargetGroupArn, std::move(kept));
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  CreateTargetGroupOutput out;
  out.TargetGroups.push_back(std::move(made));
  co_return out;
}

}  // namespace weir::amazon::elbv2
