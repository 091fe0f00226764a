// Zones, regions, and what an account may have.
#include "api/aws/ec2/lookup.h"
#include "api/aws/ec2/parts.h"
#include "api/aws/ec2/service.h"

namespace weir::amazon::ec2 {

Task<Reply<DescribeAvailabilityZonesOutput>> describe_availability_zones(
    Context& context, const DescribeAvailabilityZonesInput& in) {
  const auto all = zones(context.world, context.tenant);
  const auto has = [&](const std::string& name) {
    return std::ranges::find(all, name) != all.end();
  };
  TRY_VOID(all_there(in.ZoneNames, has, "InvalidParameterValue", "availability zone"));
  TRY_VOID(all_there(in.ZoneIds, has, "InvalidParameterValue", "availability zone"));
  DescribeAvailabilityZonesOutput out;
  no_effect(in.AllAvailabilityZones);
  for (const std::string& zone : all) {
    const auto wanted = [&](const Texts& list) {
      return list.empty() || std::ranges::find(list, zone) != list.end();
    };
    if (!wanted(in.ZoneNames) || !wanted(in.ZoneIds)) continue;
    const auto values = [&](std::string_view name) -> std::optional<Texts> {
      if (name == "zone-name" || name == "zone-id") return Texts{zone};
      if (name == "region-name" || name == "group-name") return Texts{context.tenant.region};
      if (name == "state") return Texts{"available"};
      if (name == "zone-type") return Texts{"availability-zone"};
      if (name == "opt-in-status") return Texts{"opt-in-not-required"};
      return std::nullopt;
    };
    TRY(const bool hit, matches(in.Filters, {}, values));
    if (!hit) continue;
    AvailabilityZone one;
    one.ZoneName = one.ZoneId = zone;
    one.RegionName = one.GroupName = one.NetworkBorderGroup = context.tenant.region;
    one.State = "available";
    one.OptInStatus = "opt-in-not-required";
    one.ZoneType = "availability-zone";
    out.AvailabilityZones.push_back(std::move(one));
  }
  return out;
}

Task<Reply<DescribeRegionsOutput>> describe_regions(Context& context,
                                                    const DescribeRegionsInput& in) {
  // Any name is one; those that are told of: the caller's, and the home.
  Texts all = {context.tenant.region};
  const std::string& home = context.world.control().desired().aws.region;
  if (home != all.front()) all.push_back(home);
  for (const std::string& name : in.RegionNames) {
    if (std::ranges::find(all, name) == all.end()) all.push_back(name);
  }
  DescribeRegionsOutput out;
  no_effect(in.AllRegions);
  for (const std::string& name : all) {
    const auto& names = in.RegionNames;
    if (!names.empty() && std::ranges::find(names, name) == names.end()) continue;
    const auto values = [&](std::string_view filter) -> std::optional<Texts> {
      if (filter == "region-name") return Texts{name};
      if (filter == "opt-in-status") return Texts{"opt-in-not-required"};
      return std::nullopt;
    };
    TRY(const bool hit, matches(in.Filters, {}, values));
    if (!hit) continue;
    Region region;
    region.RegionName = name;
    region.Endpoint = fmt::format("ec2.{}.amazonaws.com", name);
    region.OptInStatus = "opt-in-not-required";
    out.Regions.push_back(std::move(region));
  }
  return out;
}

Task<Reply<DescribeAccountAttributesOutput>> describe_account_attributes(
    Context& context, const DescribeAccountAttributesInput& in) {
  DescribeAccountAttributesOutput out;
  const std::pair<const char*, std::string> all[] = {
      {"supported-platforms", "VPC"},
      {"default-vpc", default_vpc_id(context.tenant)},
      {"max-instances", "10000"}};
  for (const auto& [name, value] : all) {
    const auto& names = in.AttributeNames;
    if (!names.empty() && std::ranges::find(names, name) == names.end()) continue;
    out.AccountAttributes.push_back(
        {.AttributeName = name, .AttributeValues = {{.AttributeValue = value}}});
  }
  return out;
}

// None: Terraform waits for those of a balancer that it deleted to be gone.
Task<Reply<DescribeNetworkInterfacesOutput>> describe_network_interfaces(
    Context&, const DescribeNetworkInterfacesInput& in) {
  if (!in.NetworkInterfaceIds.empty()) {
    return refuse(
        "InvalidNetworkInterfaceID.NotFound",
        fmt::format("The networkInterface ID '{}' does not exist", in.NetworkInterfaceIds.front()));
  }
  return DescribeNetworkInterfacesOutput();
}

}  // namespace weir::amazon::ec2
