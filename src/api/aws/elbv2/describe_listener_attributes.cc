#include "api/aws/elbv2/attributes.h"
#include "api/aws/elbv2/declared.h"
#include "api/aws/elbv2/find.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<DescribeListenerAttributesOutput>> describe_listener_attributes(
    Context& context, const DescribeListenerAttributesInput& in) {
  const ElbBook book = visible(context);
  TRY(const auto* kept, find_listener(book, *in.ListenerArn));
  DescribeListenerAttributesOutput out;
  out.Attributes = all_attributes<ListenerAttribute>(attributes_of(kept->value), kept->attributes);
  return out;
}

}  // namespace weir::amazon::elbv2
