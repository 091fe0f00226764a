#include <fmt/format.h>

#include "api/aws/elbv2/find.h"
#include "api/aws/world.h"
#include "model/ip.h"

namespace weir::amazon::elbv2 {
namespace {

Reply<Kept<TargetDescription>> target_of(const Context& context, const TargetGroup& group,
                                         const TargetDescription& given) {
  Kept<TargetDescription> kept;
  kept.value = given;
  if (!given.Port) kept.value.Port = group.Port;
  const std::string& id = *given.Id;
  if (group.TargetType == "ip") {
    if (parse_ip(id)) return kept;
    return refuse("InvalidTarget", fmt::format("The IP address '{}' is not valid", id));
  }
  const auto instance = context.world.control().instance(id);
  if (!instance || instance->address.empty()) {
    return refuse("InvalidTarget",
                  fmt::format("The following targets are not in a running state and cannot be "
                              "registered: '{}'",
                              id));
  }
  // An instance listens where weir told it to, unless the caller knows better.
  std::string address = instance->address;
  if (given.Port) {
    address = fmt::format("{}:{}", address.substr(0, address.rfind(':')), *given.Port);
  }
  kept.attributes[kAddress] = std::move(address);
  return kept;
}

}  // namespace

Task<Reply<RegisterTargetsOutput>> register_targets(Context& context,
                                                    const RegisterTargetsInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  CO_TRY(const auto* group, find_target_group(book, *in.TargetGroupArn));
  const TargetGroup of = group->value;
  for (const TargetDescription& given : in.Targets) {
    CO_TRY(Kept<TargetDescription> kept, target_of(context, of, given));
    kept.made = context.now;
    const std::string key = target_key(*in.TargetGroupArn, kept.value);
    book.draining.erase(key);
    book.targets.put(key, std::move(kept));
  }
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return RegisterTargetsOutput();
}

}  // namespace weir::amazon::elbv2
