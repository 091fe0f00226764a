// VPCs and subnets: kept and described. A subnet is a zone; addresses are the machine's own.
#include "api/aws/ec2/lookup.h"
#include "api/aws/ec2/parts.h"
#include "api/aws/ec2/service.h"

namespace weir::amazon::ec2 {
namespace {

Fault no_vpc(std::string_view id) {
  return {"InvalidVpcID.NotFound", fmt::format("The vpc ID '{}' does not exist", id)};
}

bool has_vpc(const Tenant& tenant, const Ec2Book& book, const std::string& id) {
  return id == default_vpc_id(tenant) || book.vpcs.contains(id);
}

Kept<Subnet> default_subnet(const Tenant& tenant, const std::string& zone, std::size_t number) {
  Kept<Subnet> kept;
  kept.value.SubnetId = default_subnet_id(tenant, zone);
  kept.value.SubnetArn = make_arn("ec2", tenant, "subnet/" + *kept.value.SubnetId);
  kept.value.VpcId = default_vpc_id(tenant);
  kept.value.AvailabilityZone = zone;
  kept.value.AvailabilityZoneId = zone;
  kept.value.CidrBlock = fmt::format("172.31.{}.0/20", number * 16);
  kept.value.AvailableIpAddressCount = 4091;
  kept.value.DefaultForAz = true;
  kept.value.MapPublicIpOnLaunch = true;
  kept.value.State = "available";
  kept.value.OwnerId = tenant.account;
  return kept;
}

std::optional<Texts> values_of(const Vpc& vpc, std::string_view name) {
  if (name == "vpc-id") return Texts{*vpc.VpcId};
  if (name == "cidr" || name == "cidr-block" || name == "cidrBlock") return Texts{*vpc.CidrBlock};
  if (name == "state") return Texts{"available"};
  if (name == "owner-id") return Texts{*vpc.OwnerId};
  if (name == "isDefault" || name == "is-default") {
    return Texts{vpc.IsDefault.value_or(false) ? "true" : "false"};
  }
  return std::nullopt;
}

std::optional<Texts> values_of(const Subnet& subnet, std::string_view name) {
  if (name == "subnet-id") return Texts{*subnet.SubnetId};
  if (name == "vpc-id") return Texts{*subnet.VpcId};
  if (name == "availability-zone" || name == "availabilityZone") {
    return Texts{*subnet.AvailabilityZone};
  }
  if (name == "cidr-block" || name == "cidr" || name == "cidrBlock") {
    return Texts{*subnet.CidrBlock};
  }
  if (name == "state") return Texts{"available"};
  if (name == "owner-id") return Texts{*subnet.OwnerId};
  if (name == "default-for-az" || name == "defaultForAz") {
    return Texts{subnet.DefaultForAz.value_or(false) ? "true" : "false"};
  }
  return std::nullopt;
}

}  // namespace

Task<Reply<CreateVpcOutput>> create_vpc(Context& context, const CreateVpcInput& in) {
  if (!in.CidrBlock) {
    co_return refuse("MissingParameter", "The request must contain the parameter cidrBlock");
  }
  Kept<Vpc> kept = default_vpc(context.tenant);
  kept.value.VpcId = "vpc-" + draw_hex(17);
  kept.value.CidrBlock = in.CidrBlock;
  kept.value.IsDefault = false;
  kept.value.InstanceTenancy = in.InstanceTenancy.value_or("default");
  kept.value.CidrBlockAssociationSet.push_back(
      {.AssociationId = "vpc-cidr-assoc-" + draw_hex(17), .CidrBlock = in.CidrBlock});
  kept.tags = tags_for(in.TagSpecifications, "vpc");
  kept.made = context.now;
  CreateVpcOutput out;
  out.Vpc = kept.value;
  out.Vpc->Tags = listed(kept.tags);
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  draft.books().edit<Ec2Book>().vpcs.put(*out.Vpc->VpcId, std::move(kept));
  CO_TRY_VOID(co_await draft.commit());
  co_return std::move(out);
}

Task<Reply<DescribeVpcsOutput>> describe_vpcs(Context& context, const DescribeVpcsInput& in) {
  const Ec2Book& book = context.world.book<Ec2Book>(context.tenant);
  TRY_VOID(all_there(
      in.VpcIds, [&](const auto& id) { return has_vpc(context.tenant, book, id); },
      "InvalidVpcID.NotFound", "vpc ID"));
  DescribeVpcsOutput out;
  for (Kept<Vpc>& kept : all_vpcs(context.tenant, book)) {
    const auto& ids = in.VpcIds;
    if (!ids.empty() && std::ranges::find(ids, *kept.value.VpcId) == ids.end()) continue;
    const auto found = [&](std::string_view name) { return values_of(kept.value, name); };
    TRY(const bool hit, matches(in.Filters, kept.tags, found));
    if (!hit) continue;
    kept.value.Tags = listed(kept.tags);
    out.Vpcs.push_back(std::move(kept.value));
  }
  TRY_VOID(page(out.Vpcs, in.NextToken, in.MaxResults, out.NextToken));
  return out;
}

Task<Reply<DescribeVpcAttributeOutput>> describe_vpc_attribute(
    Context& context, const DescribeVpcAttributeInput& in) {
  const Ec2Book& book = context.world.book<Ec2Book>(context.tenant);
  if (!has_vpc(context.tenant, book, *in.VpcId)) return tl::unexpected(no_vpc(*in.VpcId));
  DescribeVpcAttributeOutput out;
  out.VpcId = in.VpcId;
  if (in.Attribute == "enableDnsSupport") {
    out.EnableDnsSupport = AttributeBooleanValue{.Value = true};
  } else if (in.Attribute == "enableDnsHostnames") {
    out.EnableDnsHostnames =
        AttributeBooleanValue{.Value = *in.VpcId == default_vpc_id(context.tenant)};
  } else {
    out.EnableNetworkAddressUsageMetrics = AttributeBooleanValue{.Value = false};
  }
  return out;
}

Task<Reply<DeleteVpcOutput>> delete_vpc(Context& context, const DeleteVpcInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<Ec2Book>();
  if (*in.VpcId == default_vpc_id(context.tenant)) {
    co_return refuse("OperationNotPermitted", "The default vpc of a region stays");
  }
  if (!book.vpcs.contains(*in.VpcId)) co_return tl::unexpected(no_vpc(*in.VpcId));
  const auto used = [&](const auto& entry) { return entry.second->value.VpcId == in.VpcId; };
  if (std::ranges::any_of(book.subnets.items(), used) ||
      std::ranges::any_of(book.security_groups.items(), used)) {
    co_return refuse(
        "DependencyViolation",
        fmt::format("The vpc '{}' has dependencies and cannot be deleted.", *in.VpcId));
  }
  book.vpcs.erase(*in.VpcId);
  CO_TRY_VOID(co_await draft.commit());
  co_return DeleteVpcOutput();
}

Task<Reply<CreateSubnetOutput>> create_subnet(Context& context, const CreateSubnetInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<Ec2Book>();
  if (!has_vpc(context.tenant, book, *in.VpcId)) co_return tl::unexpected(no_vpc(*in.VpcId));
  const auto all = zones(context.world, context.tenant);
  const std::string zone = in.AvailabilityZone.value_or(in.AvailabilityZoneId.value_or(all[0]));
  if (std::ranges::find(all, zone) == all.end()) {
    co_return refuse("InvalidParameterValue",
                     fmt::format("Value ({}) for parameter availabilityZone is invalid. Subnets "
                                 "can currently only be created in the following availability "
                                 "zones: {}.",
                                 zone, fmt::join(all, ", ")));
  }
  if (!in.CidrBlock) {
    co_return refuse("MissingParameter", "The request must contain the parameter cidrBlock");
  }
  for (const auto& entry : book.subnets) {
    const auto& other = entry.second;
    if (other->value.VpcId == in.VpcId && other->value.CidrBlock == in.CidrBlock) {
      co_return refuse("InvalidSubnet.Conflict",
                       fmt::format("The CIDR '{}' conflicts with another subnet", *in.CidrBlock));
    }
  }
  Kept<Subnet> kept = default_subnet(context.tenant, zone, 0);
  kept.value.SubnetId = "subnet-" + draw_hex(17);
  kept.value.SubnetArn = make_arn("ec2", context.tenant, "subnet/" + *kept.value.SubnetId);
  kept.value.VpcId = in.VpcId;
  kept.value.CidrBlock = in.CidrBlock;
  kept.value.AvailableIpAddressCount = 251;
  kept.value.DefaultForAz = kept.value.MapPublicIpOnLaunch = false;
  kept.tags = tags_for(in.TagSpecifications, "subnet");
  kept.made = context.now;
  CreateSubnetOutput out;
  out.Subnet = kept.value;
  out.Subnet->Tags = listed(kept.tags);
  book.subnets.put(*out.Subnet->SubnetId, std::move(kept));
  CO_TRY_VOID(co_await draft.commit());
  co_return std::move(out);
}

Task<Reply<DescribeSubnetsOutput>> describe_subnets(Context& context,
                                                    const DescribeSubnetsInput& in) {
  const Ec2Book& book = context.world.book<Ec2Book>(context.tenant);
  std::vector<Kept<Subnet>> all;
  for (const std::string& zone : zones(context.world, context.tenant)) {
    all.push_back(default_subnet(context.tenant, zone, all.size()));
  }
  for (const auto& [id, kept] : book.subnets) all.push_back(*kept);
  const auto has = [&](const std::string& id) {
    return std::ranges::any_of(all, [&](const auto& one) { return one.value.SubnetId == id; });
  };
  TRY_VOID(all_there(in.SubnetIds, has, "InvalidSubnetID.NotFound", "subnet ID"));
  DescribeSubnetsOutput out;
  for (Kept<Subnet>& kept : all) {
    const auto& ids = in.SubnetIds;
    if (!ids.empty() && std::ranges::find(ids, *kept.value.SubnetId) == ids.end()) continue;
    const auto found = [&](std::string_view name) { return values_of(kept.value, name); };
    TRY(const bool hit, matches(in.Filters, kept.tags, found));
    if (!hit) continue;
    kept.value.Tags = listed(kept.tags);
    out.Subnets.push_back(std::move(kept.value));
  }
  TRY_VOID(page(out.Subnets, in.NextToken, in.MaxResults, out.NextToken));
  return out;
}

Task<Reply<DeleteSubnetOutput>> delete_subnet(Context& context, const DeleteSubnetInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  if (!draft.books().edit<Ec2Book>().subnets.erase(*in.SubnetId)) {
    co_return refuse("InvalidSubnetID.NotFound",
                     fmt::format("The subnet ID '{}' does not exist", *in.SubnetId));
  }
  CO_TRY_VOID(co_await draft.commit());
  co_return DeleteSubnetOutput();
}

}  // namespace weir::amazon::ec2
