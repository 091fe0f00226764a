// Security groups: kept and described. Load balancers do not enforce them yet.
#include "api/aws/ec2/lookup.h"
#include "api/aws/ec2/parts.h"
#include "api/aws/ec2/service.h"

namespace weir::amazon::ec2 {
namespace {

Kept<SecurityGroup> default_group(const Tenant& tenant, const std::string& vpc) {
  Kept<SecurityGroup> kept;
  kept.value.GroupId = default_security_group_id(tenant, vpc);
  kept.value.GroupName = "default";
  kept.value.Description = "default VPC security group";
  kept.value.VpcId = vpc;
  kept.value.OwnerId = tenant.account;
  kept.value.IpPermissionsEgress.push_back(
      {.IpProtocol = "-1", .IpRanges = {{.CidrIp = "0.0.0.0/0"}}});
  return kept;
}

std::vector<Kept<SecurityGroup>> all_groups(const Tenant& tenant, const Ec2Book& book) {
  std::vector<Kept<SecurityGroup>> all;
  for (const Kept<Vpc>& vpc : all_vpcs(tenant, book)) {
    all.push_back(default_group(tenant, *vpc.value.VpcId));
  }
  for (const auto& [id, kept] : book.security_groups) all.push_back(*kept);
  return all;
}

Fault no_group(std::string_view id) {
  return {"InvalidGroup.NotFound", fmt::format("The security group '{}' does not exist", id)};
}

std::optional<Texts> group_values(const SecurityGroup& group, std::string_view name) {
  if (name == "group-id") return Texts{*group.GroupId};
  if (name == "group-name") return Texts{*group.GroupName};
  if (name == "vpc-id") return Texts{*group.VpcId};
  if (name == "description") return Texts{*group.Description};
  if (name == "owner-id") return Texts{*group.OwnerId};
  return std::nullopt;
}

// One rule has one range: what differs in nothing but ranges is told apart.
std::vector<IpPermission> single(const std::vector<IpPermission>& all) {
  std::vector<IpPermission> result;
  for (const IpPermission& one : all) {
    IpPermission bare = one;
    bare.IpRanges = {};
    bare.Ipv6Ranges = {};
    bare.UserIdGroupPairs = {};
    bare.PrefixListIds = {};
    const auto add = [&](auto member, const auto& items) {
      for (const auto& item : items) {
        IpPermission next = bare;
        (next.*member).push_back(item);
        result.push_back(std::move(next));
      }
    };
    add(&IpPermission::IpRanges, one.IpRanges);
    add(&IpPermission::Ipv6Ranges, one.Ipv6Ranges);
    add(&IpPermission::UserIdGroupPairs, one.UserIdGroupPairs);
    add(&IpPermission::PrefixListIds, one.PrefixListIds);
  }
  return result;
}

// What makes two rules the same; descriptions do not.
std::string rule_text(const IpPermission& one) {
  std::string text = fmt::format("{}/{}/{}", one.IpProtocol.value_or("-1"),
                                 one.FromPort.value_or(-1), one.ToPort.value_or(-1));
  for (const auto& range : one.IpRanges) text += "/" + range.CidrIp.value_or("");
  for (const auto& range : one.Ipv6Ranges) text += "/" + range.CidrIpv6.value_or("");
  for (const auto& pair : one.UserIdGroupPairs) {
    text += "/" + pair.GroupId.value_or(pair.GroupName.value_or(""));
  }
  for (const auto& prefix : one.PrefixListIds) text += "/" + prefix.PrefixListId.value_or("");
  return text;
}

SecurityGroupRule described(const SecurityGroup& group, const IpPermission& one, bool egress) {
  SecurityGroupRule rule;
  rule.SecurityGroupRuleId =
      "sgr-" + hex_of(fmt::format("{}/{}/{}", *group.GroupId, egress, rule_text(one)), 17);
  rule.GroupId = group.GroupId;
  rule.GroupOwnerId = group.OwnerId;
  rule.IsEgress = egress;
  rule.IpProtocol = one.IpProtocol.value_or("-1");
  rule.FromPort = one.FromPort.value_or(-1);
  rule.ToPort = one.ToPort.value_or(-1);
  for (const auto& range : one.IpRanges) {
    rule.CidrIpv4 = range.CidrIp;
    rule.Description = range.Description;
  }
  for (const auto& range : one.Ipv6Ranges) rule.CidrIpv6 = range.CidrIpv6;
  for (const auto& pair : one.UserIdGroupPairs) {
    rule.ReferencedGroupInfo =
        ReferencedSecurityGroup{.GroupId = pair.GroupId, .UserId = group.OwnerId};
  }
  return rule;
}

// The short form, where that was sent.
template <class Input>
std::vector<IpPermission> rules_of(const Input& in) {
  if (!in.CidrIp) return single(in.IpPermissions);
  return {IpPermission{.IpProtocol = in.IpProtocol.value_or("-1"),
                       .FromPort = in.FromPort,
                       .ToPort = in.ToPort,
                       .IpRanges = {{.CidrIp = in.CidrIp}}}};
}

// By id, or by name in the default VPC.
Kept<SecurityGroup>* group_to_edit(const Tenant& tenant, Ec2Book& book,
                                   const std::optional<std::string>& id,
                                   const std::optional<std::string>& name) {
  for (Kept<SecurityGroup>& kept : all_groups(tenant, book)) {
    if (id ? kept.value.GroupId != *id : kept.value.GroupName != name) continue;
    const std::string key = *kept.value.GroupId;
    if (!book.security_groups.contains(key)) book.security_groups.put(key, std::move(kept));
    return book.security_groups.edit(key);
  }
  return nullptr;
}

}  // namespace

Task<Reply<CreateSecurityGroupOutput>> create_security_group(Context& context,
                                                             const CreateSecurityGroupInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<Ec2Book>();
  const std::string vpc = in.VpcId.value_or(default_vpc_id(context.tenant));
  if (vpc != default_vpc_id(context.tenant) && !book.vpcs.contains(vpc)) {
    co_return refuse("InvalidVpcID.NotFound", fmt::format("The vpc ID '{}' does not exist", vpc));
  }
  for (const Kept<SecurityGroup>& other : all_groups(context.tenant, book)) {
    if (other.value.VpcId == vpc && other.value.GroupName == in.GroupName) {
      co_return refuse(
          "InvalidGroup.Duplicate",
          fmt::format("The security group '{}' already exists for VPC '{}'", *in.GroupName, vpc));
    }
  }
  Kept<SecurityGroup> kept = default_group(context.tenant, vpc);
  kept.value.GroupId = "sg-" + draw_hex(17);
  kept.value.GroupName = in.GroupName;
  kept.value.Description = in.Description;
  kept.tags = tags_for(in.TagSpecifications, "security-group");
  kept.made = context.now;
  CreateSecurityGroupOutput out;
  out.GroupId = kept.value.GroupId;
  out.Tags = listed(kept.tags);
  book.security_groups.put(*out.GroupId, std::move(kept));
  CO_TRY_VOID(co_await draft.commit());
  co_return std::move(out);
}

Task<Reply<DescribeSecurityGroupsOutput>> describe_security_groups(
    Context& context, const DescribeSecurityGroupsInput& in) {
  std::vector<Kept<SecurityGroup>> all;
  for (auto& kept : all_groups(context.tenant, context.world.book<Ec2Book>(context.tenant))) {
    // A default one that was changed is in the book.
    std::erase_if(all, [&](const auto& one) { return one.value.GroupId == kept.value.GroupId; });
    all.push_back(std::move(kept));
  }
  const auto has = [&](const std::string& id) {
    return std::ranges::any_of(all, [&](const auto& one) { return one.value.GroupId == id; });
  };
  TRY_VOID(all_there(in.GroupIds, has, "InvalidGroup.NotFound", "security group"));
  DescribeSecurityGroupsOutput out;
  for (Kept<SecurityGroup>& kept : all) {
    const auto wanted = [](const Texts& list, const std::string& text) {
      return list.empty() || std::ranges::find(list, text) != list.end();
    };
    if (!wanted(in.GroupIds, *kept.value.GroupId)) continue;
    if (!wanted(in.GroupNames, *kept.value.GroupName)) continue;
    const auto found = [&](std::string_view name) { return group_values(kept.value, name); };
    TRY(const bool hit, matches(in.Filters, kept.tags, found));
    if (!hit) continue;
    kept.value.Tags = listed(kept.tags);
    out.SecurityGroups.push_back(std::move(kept.value));
  }
  TRY_VOID(page(out.SecurityGroups, in.NextToken, in.MaxResults, out.NextToken));
  return out;
}

Task<Reply<DeleteSecurityGroupOutput>> delete_security_group(Context& context,
                                                             const DeleteSecurityGroupInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<Ec2Book>();
  const auto* kept = group_to_edit(context.tenant, book, in.GroupId, in.GroupName);
  if (kept == nullptr) {
    co_return tl::unexpected(no_group(in.GroupId.value_or(in.GroupName.value_or(""))));
  }
  if (kept->value.GroupName == "default") {
    co_return refuse("CannotDelete", "the specified group: \"" + *kept->value.GroupId +
                                         "\" name: \"default\" cannot be deleted by a user");
  }
  DeleteSecurityGroupOutput out;
  out.Return = true;
  out.GroupId = kept->value.GroupId;
  book.security_groups.erase(*out.GroupId);
  CO_TRY_VOID(co_await draft.commit());
  co_return std::move(out);
}

Task<Reply<AuthorizeSecurityGroupIngressOutput>> authorize_security_group_ingress(
    Context& context, const AuthorizeSecurityGroupIngressInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<Ec2Book>();
  auto* kept = group_to_edit(context.tenant, book, in.GroupId, in.GroupName);
  if (kept == nullptr) {
    co_return tl::unexpected(no_group(in.GroupId.value_or(in.GroupName.value_or(""))));
  }
  AuthorizeSecurityGroupIngressOutput out;
  out.Return = true;
  for (IpPermission& one : rules_of(in)) {
    const auto same = [&](const IpPermission& other) { return rule_text(other) == rule_text(one); };
    if (std::ranges::any_of(kept->value.IpPermissions, same)) {
      co_return refuse("InvalidPermission.Duplicate",
                       fmt::format("the specified rule \"{}\" already exists", rule_text(one)));
    }
    out.SecurityGroupRules.push_back(described(kept->value, one, false));
    kept->value.IpPermissions.push_back(std::move(one));
  }
  CO_TRY_VOID(co_await draft.commit());
  co_return std::move(out);
}

Task<Reply<RevokeSecurityGroupEgressOutput>> revoke_security_group_egress(
    Context& context, const RevokeSecurityGroupEgressInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<Ec2Book>();
  auto* kept = group_to_edit(context.tenant, book, in.GroupId, std::nullopt);
  if (kept == nullptr) co_return tl::unexpected(no_group(*in.GroupId));
  RevokeSecurityGroupEgressOutput out;
  out.Return = true;
  std::vector<IpPermission>& rules = kept->value.IpPermissionsEgress;
  for (const IpPermission& one : rules_of(in)) {
    const auto same = [&](const IpPermission& other) { return rule_text(other) == rule_text(one); };
    if (std::erase_if(rules, same) == 0) out.UnknownIpPermissions.push_back(one);
  }
  for (const std::string& id : in.SecurityGroupRuleIds) {
    const auto same = [&](const IpPermission& other) {
      return described(kept->value, other, true).SecurityGroupRuleId == id;
    };
    if (std::erase_if(rules, same) == 0) {
      co_return refuse("InvalidSecurityGroupRuleId.NotFound",
                       fmt::format("The security group rule ID '{}' does not exist", id));
    }
  }
  if (!out.UnknownIpPermissions.empty()) {
    co_return refuse("InvalidPermission.NotFound",
                     "The specified rule does not exist in this security group.");
  }
  CO_TRY_VOID(co_await draft.commit());
  co_return std::move(out);
}

}  // namespace weir::amazon::ec2
