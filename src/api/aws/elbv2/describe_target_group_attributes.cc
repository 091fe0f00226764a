#include "api/aws/elbv2/attributes.h"
#include "api/aws/elbv2/declared.h"
#include "api/aws/elbv2/find.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<DescribeTargetGroupAttributesOutput>> describe_target_group_attributes(
    Context& context, const DescribeTargetGroupAttributesInput& in) {
  const ElbBook book = visible(context);
  TRY(const auto* kept, find_target_group(book, *in.TargetGroupArn));
  DescribeTargetGroupAttributesOutput out;
  out.Attributes =
      all_attributes<TargetGroupAttribute>(attributes_of(kept->value), kept->attributes);
  return out;
}

}  // namespace weir::amazon::elbv2
