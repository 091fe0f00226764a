// Tags of all that ec2 has.
#include "api/aws/ec2/parts.h"
#include "api/aws/ec2/service.h"
#include "api/aws/world.h"

namespace weir::amazon::ec2 {
namespace {

// The resource type that an id begins with: vpc-, subnet-, sg-, lt-, i-.
std::string type_of_id(std::string_view id) {
  const std::string_view word = id.substr(0, id.find('-'));
  if (word == "sg") return "security-group";
  if (word == "lt") return "launch-template";
  if (word == "i") return "instance";
  return std::string(word);
}

Tags& tags_of(Ec2Book& book, const std::string& id) {
  if (auto* kept = book.vpcs.edit(id)) return kept->tags;
  if (auto* kept = book.subnets.edit(id)) return kept->tags;
  if (auto* kept = book.security_groups.edit(id)) return kept->tags;
  if (auto* kept = book.templates.edit(id)) return kept->tags;
  if (!book.others.contains(id)) book.others.put(id, {});
  return book.others.edit(id)->tags;
}

}  // namespace

Task<Reply<CreateTagsOutput>> create_tags(Context& context, const CreateTagsInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  for (const std::string& id : in.Resources) {
    Tags& tags = tags_of(draft.books().edit<Ec2Book>(), id);
    for (const Tag& tag : in.Tags) tags[tag.Key.value_or("")] = tag.Value.value_or("");
  }
  CO_TRY_VOID(co_await draft.commit());
  co_return CreateTagsOutput();
}

Task<Reply<DeleteTagsOutput>> delete_tags(Context& context, const DeleteTagsInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  for (const std::string& id : in.Resources) {
    Tags& tags = tags_of(draft.books().edit<Ec2Book>(), id);
    if (in.Tags.empty()) tags.clear();
    for (const Tag& tag : in.Tags) {
      const auto found = tags.find(tag.Key.value_or(""));
      if (found != tags.end() && (!tag.Value || *tag.Value == found->second)) tags.erase(found);
    }
  }
  CO_TRY_VOID(co_await draft.commit());
  co_return DeleteTagsOutput();
}

Task<Reply<DescribeTagsOutput>> describe_tags(Context& context, const DescribeTagsInput& in) {
  std::vector<TagDescription> all;
  const auto add = [&](const auto& shelf) {
    for (const auto& [id, kept] : shelf) {
      for (const auto& [key, value] : kept->tags) {
        all.push_back(
            {.Key = key, .ResourceId = id, .ResourceType = type_of_id(id), .Value = value});
      }
    }
  };
  const Ec2Book& book = context.world.book<Ec2Book>(context.tenant);
  add(book.vpcs);
  add(book.subnets);
  add(book.security_groups);
  add(book.templates);
  add(book.others);
  DescribeTagsOutput out;
  for (TagDescription& one : all) {
    const auto values = [&](std::string_view name) -> std::optional<Texts> {
      if (name == "key") return Texts{*one.Key};
      if (name == "value") return Texts{*one.Value};
      if (name == "resource-id") return Texts{*one.ResourceId};
      if (name == "resource-type") return Texts{*one.ResourceType};
      return std::nullopt;
    };
    TRY(const bool hit, matches(in.Filters, {{*one.Key, *one.Value}}, values));
    if (hit) out.Tags.push_back(std::move(one));
  }
  TRY_VOID(page(out.Tags, in.NextToken, in.MaxResults, out.NextToken));
  return out;
}

}  // namespace weir::amazon::ec2
