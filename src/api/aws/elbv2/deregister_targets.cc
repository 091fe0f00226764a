#include <fmt/format.h>

#include <vector>

#include "api/aws/elbv2/draining.h"
#include "api/aws/elbv2/find.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {
namespace {

// Without a port: all of that id.
std::vector<std::string> keys_of_target(const ElbBook& book, const std::string& group,
                                        const TargetDescription& given) {
  std::vector<std::string> keys;
  if (given.Port) {
    const std::string key = target_key(group, given);
    if (book.targets.contains(key)) keys.push_back(key);
    return keys;
  }
  each_below(book.targets, fmt::format("{}{}|", target_prefix(group), *given.Id),
             [&](const std::string& key, const auto&) { keys.push_back(key); });
  return keys;
}

}  // namespace

Task<Reply<DeregisterTargetsOutput>> deregister_targets(Context& context,
                                                        const DeregisterTargetsInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  CO_TRY_VOID(find_target_group(book, *in.TargetGroupArn));
  for (const TargetDescription& given : in.Targets) {
    std::vector<std::string> keys = keys_of_target(book, *in.TargetGroupArn, given);
    for (const std::string& key : keys) {
      Kept<TargetDescription> kept = *book.targets.find(key);
      kept.made = context.now;
      book.targets.erase(key);
      book.draining.put(key, std::move(kept));
    }
  }
  forget_drained(book, context.now);
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return DeregisterTargetsOutput();
}

}  // namespace weir::amazon::elbv2
