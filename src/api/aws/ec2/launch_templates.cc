// Launch templates and their versions.
#include "api/aws/ec2/launch_data.h"
#include "api/aws/ec2/lookup.h"
#include "api/aws/ec2/parts.h"
#include "api/aws/ec2/service.h"

namespace weir::amazon::ec2 {
namespace {

using Found = Reply<std::string>;

// The id of a template that is there.
Found template_id(const Books& books, const std::optional<std::string>& id,
                  const std::optional<std::string>& name) {
  TRY(const LaunchTemplateVersion* version, template_version(books, id, name, "$Default"));
  return *version->LaunchTemplateId;
}

LaunchTemplate shown(const Kept<LaunchTemplate>& kept) {
  LaunchTemplate value = kept.value;
  value.Tags = listed(kept.tags);
  return value;
}

LaunchTemplateVersion new_version(const LaunchTemplate& of, std::int64_t number,
                                  const Context& context) {
  LaunchTemplateVersion version;
  version.LaunchTemplateId = of.LaunchTemplateId;
  version.LaunchTemplateName = of.LaunchTemplateName;
  version.VersionNumber = number;
  version.CreateTime = context.now;
  version.CreatedBy = context.caller.arn;
  return version;
}

LaunchTemplateVersion shown(const LaunchTemplate& of, LaunchTemplateVersion version) {
  version.DefaultVersion = version.VersionNumber == of.DefaultVersionNumber;
  return version;
}

constexpr std::string_view kToken = "client-token";

}  // namespace

Task<Reply<CreateLaunchTemplateOutput>> create_launch_template(
    Context& context, const CreateLaunchTemplateInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<Ec2Book>();
  CreateLaunchTemplateOutput out;
  for (const auto& entry : book.templates) {
    const auto& other = entry.second;
    if (other->value.LaunchTemplateName != in.LaunchTemplateName) continue;
    const auto token = other->attributes.find(std::string(kToken));
    if (in.ClientToken && token != other->attributes.end() && token->second == in.ClientToken) {
      out.LaunchTemplate = shown(*other);
      co_return std::move(out);
    }
    co_return refuse("InvalidLaunchTemplateName.AlreadyExistsException",
                     "Launch template name already in use.");
  }
  Kept<LaunchTemplate> kept;
  kept.value.LaunchTemplateId = "lt-" + draw_hex(17);
  kept.value.LaunchTemplateName = in.LaunchTemplateName;
  kept.value.CreateTime = context.now;
  kept.value.CreatedBy = context.caller.arn;
  kept.value.DefaultVersionNumber = kept.value.LatestVersionNumber = 1;
  kept.tags = tags_for(in.TagSpecifications, "launch-template");
  if (in.ClientToken) kept.attributes[std::string(kToken)] = *in.ClientToken;
  kept.made = context.now;
  Kept<LaunchTemplateVersion> first;
  first.value = new_version(kept.value, 1, context);
  first.value.VersionDescription = in.VersionDescription;
  first.value.LaunchTemplateData.emplace();
  overlay(*in.LaunchTemplateData, *first.value.LaunchTemplateData);
  out.LaunchTemplate = shown(kept);
  const std::string id = *kept.value.LaunchTemplateId;
  book.versions.put(version_key(id, 1), std::move(first));
  book.templates.put(id, std::move(kept));
  CO_TRY_VOID(co_await draft.commit());
  co_return std::move(out);
}

Task<Reply<CreateLaunchTemplateVersionOutput>> create_launch_template_version(
    Context& context, const CreateLaunchTemplateVersionInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  CO_TRY(const std::string id,
         template_id(draft.books(), in.LaunchTemplateId, in.LaunchTemplateName));
  Kept<LaunchTemplateVersion> next;
  next.value.LaunchTemplateData.emplace();
  if (in.SourceVersion) {
    CO_TRY(const LaunchTemplateVersion* source,
           template_version(draft.books(), id, std::nullopt, in.SourceVersion));
    next.value.LaunchTemplateData = source->LaunchTemplateData;
  }
  auto& book = draft.books().edit<Ec2Book>();
  auto& of = book.templates.edit(id)->value;
  const std::int64_t number = *of.LatestVersionNumber + 1;
  of.LatestVersionNumber = number;
  ResponseLaunchTemplateData data = std::move(*next.value.LaunchTemplateData);
  next.value = new_version(of, number, context);
  next.value.VersionDescription = in.VersionDescription;
  overlay(*in.LaunchTemplateData, data);
  next.value.LaunchTemplateData = std::move(data);
  CreateLaunchTemplateVersionOutput out;
  out.LaunchTemplateVersion = shown(of, next.value);
  book.versions.put(version_key(id, number), std::move(next));
  CO_TRY_VOID(co_await draft.commit());
  co_return std::move(out);
}

Task<Reply<DescribeLaunchTemplatesOutput>> describe_launch_templates(
    Context& context, const DescribeLaunchTemplatesInput& in) {
  const Books& books = context.world.books(context.tenant);
  for (const std::string& id : in.LaunchTemplateIds) {
    TRY_VOID(template_id(books, id, std::nullopt));
  }
  for (const std::string& name : in.LaunchTemplateNames) {
    TRY_VOID(template_id(books, std::nullopt, name));
  }
  DescribeLaunchTemplatesOutput out;
  for (const auto& [id, kept] : books.get<Ec2Book>().templates) {
    const std::string& name = *kept->value.LaunchTemplateName;
    const auto wanted = [](const Texts& list, const std::string& text) {
      return list.empty() || std::ranges::find(list, text) != list.end();
    };
    if (!wanted(in.LaunchTemplateIds, id) || !wanted(in.LaunchTemplateNames, name)) continue;
    const auto values = [&](std::string_view filter) -> std::optional<Texts> {
      if (filter == "launch-template-name") return Texts{name};
      return std::nullopt;
    };
    TRY(const bool hit, matches(in.Filters, kept->tags, values));
    if (hit) out.LaunchTemplates.push_back(shown(*kept));
  }
  TRY_VOID(page(out.LaunchTemplates, in.NextToken, in.MaxResults, out.NextToken));
  return out;
}

Task<Reply<DescribeLaunchTemplateVersionsOutput>> describe_launch_template_versions(
    Context& context, const DescribeLaunchTemplateVersionsInput& in) {
  const Books& books = context.world.books(context.tenant);
  const Ec2Book& book = books.get<Ec2Book>();
  DescribeLaunchTemplateVersionsOutput out;
  const auto add = [&](const LaunchTemplateVersion& version) {
    const auto* of = book.templates.find(*version.LaunchTemplateId);
    out.LaunchTemplateVersions.push_back(shown(of->value, version));
  };
  const bool one = in.LaunchTemplateId || in.LaunchTemplateName;
  if (!one) {  // the latest or default one of all templates
    for (const auto& [id, kept] : book.templates) {
      for (const std::string& version : in.Versions) {
        TRY(const auto* found, template_version(books, id, std::nullopt, version));
        add(*found);
      }
    }
  } else if (!in.Versions.empty()) {
    for (const std::string& version : in.Versions) {
      TRY(const auto* found,
          template_version(books, in.LaunchTemplateId, in.LaunchTemplateName, version));
      add(*found);
    }
  } else {
    TRY(const std::string id, template_id(books, in.LaunchTemplateId, in.LaunchTemplateName));
    const std::int64_t first = in.MinVersion ? std::atoll(in.MinVersion->c_str()) : 1;
    const std::int64_t last = in.MaxVersion ? std::atoll(in.MaxVersion->c_str()) : 1'000'000'000;
    for (const auto& [key, kept] : book.versions) {
      const std::int64_t number = *kept->value.VersionNumber;
      if (kept->value.LaunchTemplateId == id && number >= first && number <= last) {
        add(kept->value);
      }
    }
    std::ranges::reverse(out.LaunchTemplateVersions);
  }
  TRY_VOID(page(out.LaunchTemplateVersions, in.NextToken, in.MaxResults, out.NextToken));
  return out;
}

Task<Reply<ModifyLaunchTemplateOutput>> modify_launch_template(
    Context& context, const ModifyLaunchTemplateInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  CO_TRY(const LaunchTemplateVersion* version,
         template_version(draft.books(), in.LaunchTemplateId, in.LaunchTemplateName,
                          in.DefaultVersion));
  const std::string id = *version->LaunchTemplateId;
  const auto number = version->VersionNumber;
  auto* kept = draft.books().edit<Ec2Book>().templates.edit(id);
  kept->value.DefaultVersionNumber = number;
  ModifyLaunchTemplateOutput out;
  out.LaunchTemplate = shown(*kept);
  CO_TRY_VOID(co_await draft.commit());
  co_return std::move(out);
}

Task<Reply<DeleteLaunchTemplateOutput>> delete_launch_template(
    Context& context, const DeleteLaunchTemplateInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  CO_TRY(const std::string id,
         template_id(draft.books(), in.LaunchTemplateId, in.LaunchTemplateName));
  auto& book = draft.books().edit<Ec2Book>();
  DeleteLaunchTemplateOutput out;
  out.LaunchTemplate = shown(*book.templates.find(id));
  const std::int64_t latest = *out.LaunchTemplate->LatestVersionNumber;
  for (std::int64_t n = 1; n <= latest; ++n) book.versions.erase(version_key(id, n));
  book.templates.erase(id);
  CO_TRY_VOID(co_await draft.commit());
  co_return std::move(out);
}

Task<Reply<DeleteLaunchTemplateVersionsOutput>> delete_launch_template_versions(
    Context& context, const DeleteLaunchTemplateVersionsInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  CO_TRY(const std::string id,
         template_id(draft.books(), in.LaunchTemplateId, in.LaunchTemplateName));
  DeleteLaunchTemplateVersionsOutput out;
  for (const std::string& text : in.Versions) {
    const auto found = template_version(draft.books(), id, std::nullopt, text);
    auto& book = draft.books().edit<Ec2Book>();
    const LaunchTemplate& of = book.templates.find(id)->value;
    const bool is_default = found && (*found)->VersionNumber == of.DefaultVersionNumber;
    if (!found || is_default) {
      ResponseError why;
      why.Code =
          is_default ? "launchTemplateVersionIsDefault" : "launchTemplateVersionDoesNotExist";
      why.Message = is_default ? "The default version cannot be deleted" : found.error().message;
      out.UnsuccessfullyDeletedLaunchTemplateVersions.push_back(
          {.LaunchTemplateId = id,
           .LaunchTemplateName = of.LaunchTemplateName,
           .VersionNumber = std::atoll(text.c_str()),
           .ResponseError = why});
      continue;
    }
    const std::int64_t number = *(*found)->VersionNumber;
    out.SuccessfullyDeletedLaunchTemplateVersions.push_back(
        {.LaunchTemplateId = id,
         .LaunchTemplateName = of.LaunchTemplateName,
         .VersionNumber = number});
    book.versions.erase(version_key(id, number));
  }
  CO_TRY_VOID(co_await draft.commit());
  co_return std::move(out);
}

}  // namespace weir::amazon::ec2
