// The tags of alarms: TagResource, UntagResource, ListTagsForResource.
#include "api/aws/cloudwatch/book.h"

namespace weir::amazon::cloudwatch {

Task<Reply<ListTagsForResourceOutput>> list_tags_for_resource(Context& context,
                                                              const ListTagsForResourceInput& in) {
  TRY(const std::string name, alarm_of_arn(context, *in.ResourceARN));
  ListTagsForResourceOutput out;
  for (const auto& [key, value] :
       context.world.book<CloudWatchBook>(context.tenant).alarms.find(name)->tags) {
    out.Tags.push_back({key, value});
  }
  return out;
}

Task<Reply<TagResourceOutput>> tag_resource(Context& context, const TagResourceInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  CO_TRY(const std::string name, alarm_of_arn(context, *in.ResourceARN));
  auto& tags = draft.books().edit<CloudWatchBook>().alarms.edit(name)->tags;
  for (const Tag& tag : in.Tags) tags[*tag.Key] = *tag.Value;
  if (tags.size() > 50) co_return refuse("InvalidParameterValue", "More than 50 tags");
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return TagResourceOutput{};
}

Task<Reply<UntagResourceOutput>> untag_resource(Context& context, const UntagResourceInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  CO_TRY(const std::string name, alarm_of_arn(context, *in.ResourceARN));
  auto& tags = draft.books().edit<CloudWatchBook>().alarms.edit(name)->tags;
  for (const std::string& key : in.TagKeys) tags.erase(key);
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return UntagResourceOutput{};
}

}  // namespace weir::amazon::cloudwatch
