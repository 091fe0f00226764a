#include "api/aws/elbv2/declared.h"
#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/tags.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<DescribeTagsOutput>> describe_tags(Context& context, const DescribeTagsInput& in) {
  const ElbBook book = visible(context);
  DescribeTagsOutput out;
  for (const std::string& arn : in.ResourceArns) {
    TRY(const auto* tags, tags_of(book, arn));
    TagDescription one;
    one.ResourceArn = arn;
    one.Tags.give();
    for (const auto& [key, value] : *tags) one.Tags.push_back({.Key = key, .Value = value});
    out.TagDescriptions.push_back(std::move(one));
  }
  return out;
}

}  // namespace weir::amazon::elbv2
