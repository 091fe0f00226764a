// Instances that run, images and instance types that are known.
#include "api/aws/ec2/lookup.h"
#include "api/aws/ec2/parts.h"
#include "api/aws/ec2/service.h"

namespace weir::amazon::ec2 {
namespace {

struct Running {
  control::InstanceStatus status;
  std::string group;  // within weir
  Launch launch;
};

// Those of the scaling groups of a tenant: its names end with its region, those of the home do not.
std::vector<Running> running(const Context& context) {
  const auto& control = context.world.control();
  const std::string suffix = context.world.name(context.tenant, "x").substr(1);
  std::vector<Running> all;
  for (const auto& [name, group] : control.desired().scaling_groups) {
    const bool home = name.find("--") == name.npos;
    if (suffix.empty() ? !home : !name.ends_with(suffix)) continue;
    const auto status = control.group_status(name);
    if (!status) continue;
    for (const auto& one : status->instances) {
      all.push_back({one, name, control.launch_of(one.id).value_or(Launch())});
    }
  }
  return all;
}

InstanceState state_of(const Running& one) {
  const std::string& state = one.status.state;
  if (state == "pending" || state == "warmed_pending") return {.Code = 0, .Name = "pending"};
  if (state == "terminating" || state == "terminating_wait") {
    return {.Code = 32, .Name = "shutting-down"};
  }
  if (state == "warmed_stopped") return {.Code = 80, .Name = "stopped"};
  return {.Code = 16, .Name = "running"};
}

std::optional<std::string> variable(const Launch& launch, const std::string& name) {
  const auto found = launch.environment.find(name);
  if (found == launch.environment.end()) return std::nullopt;
  return found->second;
}

Instance shown(const Context& context, const Running& one) {
  Instance out;
  out.InstanceId = one.status.id;
  out.ImageId = variable(one.launch, "EC2_IMAGE_ID").value_or("ami-00000000000000000");
  out.InstanceType = variable(one.launch, "EC2_INSTANCE_TYPE").value_or("weir");
  out.KeyName = variable(one.launch, "EC2_KEY_NAME");
  out.State = state_of(one);
  out.LaunchTime = one.status.launched;
  out.AmiLaunchIndex = 0;
  out.Architecture = "x86_64";
  out.Placement.emplace();
  out.Placement->AvailabilityZone = one.status.zone;
  out.Placement->Tenancy = "default";
  out.Monitoring.emplace();
  out.Monitoring->State = "disabled";
  const auto host = one.status.address.substr(0, one.status.address.rfind(':'));
  out.PrivateIpAddress = host;
  out.PrivateDnsName = host;
  out.PublicDnsName = "";
  out.VpcId = default_vpc_id(context.tenant);
  out.SubnetId = default_subnet_id(context.tenant, one.status.zone);
  out.RootDeviceType = "ebs";
  out.VirtualizationType = "hvm";
  if (one.status.spot) out.InstanceLifecycle = "spot";
  Tags tags;
  const auto& others = context.world.book<Ec2Book>(context.tenant).others;
  if (const auto* kept = others.find(one.status.id)) tags = kept->tags;
  if (const auto name = variable(one.launch, "AUTO_SCALING_GROUP")) {
    tags["aws:autoscaling:groupName"] = *name;
  }
  tags["weir:address"] = one.status.address;
  out.Tags = listed(tags);
  return out;
}

std::optional<Texts> instance_values(const Instance& one, std::string_view name) {
  if (name == "instance-id") return Texts{*one.InstanceId};
  if (name == "instance-state-name") return Texts{*one.State->Name};
  if (name == "instance-state-code") return Texts{std::to_string(*one.State->Code)};
  if (name == "instance-type") return Texts{*one.InstanceType};
  if (name == "image-id") return Texts{*one.ImageId};
  if (name == "availability-zone") return Texts{*one.Placement->AvailabilityZone};
  if (name == "private-ip-address") return Texts{*one.PrivateIpAddress};
  if (name == "vpc-id") return Texts{*one.VpcId};
  if (name == "subnet-id") return Texts{*one.SubnetId};
  return std::nullopt;
}

Tags tags_of(const Instance& one) {
  Tags tags;
  for (const Tag& tag : one.Tags) tags[*tag.Key] = *tag.Value;
  return tags;
}

Reply<std::vector<Running>> chosen(const Context& context, const Texts& ids) {
  auto all = running(context);
  const auto has = [&](const std::string& id) {
    return std::ranges::any_of(all, [&](const auto& one) { return one.status.id == id; });
  };
  for (const std::string& id : ids) {
    if (!has(id)) {
      return refuse("InvalidInstanceID.NotFound",
                    fmt::format("The instance ID '{}' does not exist", id));
    }
  }
  if (!ids.empty()) {
    std::erase_if(
        all, [&](const auto& one) { return std::ranges::find(ids, one.status.id) == ids.end(); });
  }
  return all;
}

}  // namespace

Task<Reply<DescribeInstancesOutput>> describe_instances(Context& context,
                                                        const DescribeInstancesInput& in) {
  no_effect(in.IncludeManagedResources);
  TRY(const auto all, chosen(context, in.InstanceIds));
  DescribeInstancesOutput out;
  for (const Running& one : all) {
    Instance instance = shown(context, one);
    const auto values = [&](std::string_view name) { return instance_values(instance, name); };
    TRY(const bool hit, matches(in.Filters, tags_of(instance), values));
    if (!hit) continue;
    Reservation reservation;
    reservation.ReservationId = "r-" + hex_of(one.group, 17);
    reservation.OwnerId = context.tenant.account;
    reservation.Instances.push_back(std::move(instance));
    out.Reservations.push_back(std::move(reservation));
  }
  TRY_VOID(page(out.Reservations, in.NextToken, in.MaxResults, out.NextToken));
  return out;
}

Task<Reply<DescribeInstanceStatusOutput>> describe_instance_status(
    Context& context, const DescribeInstanceStatusInput& in) {
  TRY(const auto all, chosen(context, in.InstanceIds));
  DescribeInstanceStatusOutput out;
  for (const Running& one : all) {
    const Instance instance = shown(context, one);
    if (*instance.State->Code != 16 && !in.IncludeAllInstances.value_or(false)) continue;
    const auto values = [&](std::string_view name) { return instance_values(instance, name); };
    TRY(const bool hit, matches(in.Filters, tags_of(instance), values));
    if (!hit) continue;
    InstanceStatus status;
    status.InstanceId = instance.InstanceId;
    status.AvailabilityZone = instance.Placement->AvailabilityZone;
    status.InstanceState = instance.State;
    status.InstanceStatus = InstanceStatusSummary{.Status = one.status.healthy ? "ok" : "impaired"};
    status.SystemStatus = InstanceStatusSummary{.Status = "ok"};
    out.InstanceStatuses.push_back(std::move(status));
  }
  TRY_VOID(page(out.InstanceStatuses, in.NextToken, in.MaxResults, out.NextToken));
  return out;
}

Task<Reply<TerminateInstancesOutput>> terminate_instances(Context& context,
                                                          const TerminateInstancesInput& in) {
  TRY(const auto all, chosen(context, in.InstanceIds));
  TerminateInstancesOutput out;
  for (const Running& one : all) {
    if (const auto done = context.world.control().drain(one.status.id); !done) {
      return refuse("IncorrectInstanceState", done.error().message);
    }
    out.TerminatingInstances.push_back(
        {.InstanceId = one.status.id,
         .CurrentState = InstanceState{.Code = 32, .Name = "shutting-down"},
         .PreviousState = state_of(one)});
  }
  return out;
}

Task<Reply<GetLaunchTemplateDataOutput>> get_launch_template_data(
    Context& context, const GetLaunchTemplateDataInput& in) {
  TRY(const auto all, chosen(context, {*in.InstanceId}));
  const Instance instance = shown(context, all.front());
  GetLaunchTemplateDataOutput out;
  out.LaunchTemplateData.emplace();
  out.LaunchTemplateData->ImageId = instance.ImageId;
  out.LaunchTemplateData->InstanceType = instance.InstanceType;
  out.LaunchTemplateData->KeyName = instance.KeyName;
  out.LaunchTemplateData->UserData = variable(all.front().launch, "EC2_USER_DATA");
  return out;
}

Task<Reply<DescribeImagesOutput>> describe_images(Context& context, const DescribeImagesInput& in) {
  const Aws& aws = context.world.control().desired().aws;
  DescribeImagesOutput out;
  no_effect(in.IncludeDeprecated, in.IncludeDisabled);
  for (const std::string& id : in.ImageIds) {
    if (!image(aws, id)) {
      return refuse("InvalidAMIID.NotFound", fmt::format("The image id '[{}]' does not exist", id));
    }
  }
  Texts names = in.ImageIds;
  if (names.empty()) {
    for (const auto& [name, launch] : aws.images) names.push_back(name);
  }
  for (const std::string& name : names) {
    Image one;
    one.ImageId = name.starts_with("ami-") ? name : "ami-" + hex_of(name, 17);
    if (!in.ImageIds.empty()) one.ImageId = name;
    one.Name = name;
    one.State = "available";
    one.OwnerId = context.tenant.account;
    one.Architecture = "x86_64";
    one.ImageType = "machine";
    one.Public = false;
    one.RootDeviceType = "ebs";
    one.RootDeviceName = "/dev/xvda";
    one.VirtualizationType = "hvm";
    one.CreationDate = "2026-01-01T00:00:00.000Z";
    const auto values = [&](std::string_view filter) -> std::optional<Texts> {
      if (filter == "name") return Texts{*one.Name};
      if (filter == "image-id") return Texts{*one.ImageId};
      if (filter == "state") return Texts{"available"};
      if (filter == "architecture") return Texts{"x86_64"};
      if (filter == "virtualization-type") return Texts{"hvm"};
      if (filter == "root-device-type") return Texts{"ebs"};
      if (filter == "owner-id") return Texts{context.tenant.account};
      return std::nullopt;
    };
    TRY(const bool hit, matches(in.Filters, {}, values));
    const auto& owners = in.Owners;
    const bool owned = owners.empty() || std::ranges::find(owners, "self") != owners.end() ||
                       std::ranges::find(owners, context.tenant.account) != owners.end();
    if (hit && owned) out.Images.push_back(std::move(one));
  }
  TRY_VOID(page(out.Images, in.NextToken, in.MaxResults, out.NextToken));
  return out;
}

Task<Reply<DescribeInstanceTypesOutput>> describe_instance_types(
    Context& context, const DescribeInstanceTypesInput& in) {
  const Aws& aws = context.world.control().desired().aws;
  for (const std::string& name : in.InstanceTypes) {
    if (!size(aws, name)) {
      return refuse("InvalidInstanceType",
                    fmt::format("The following supplied instance types do not exist: [{}]", name));
    }
  }
  DescribeInstanceTypesOutput out;
  no_effect(in.IncludeUnsupportedInRegion);
  for (const auto& [name, gives] : sizes(aws)) {
    const auto& names = in.InstanceTypes;
    if (!names.empty() && std::ranges::find(names, name) == names.end()) continue;
    const auto values = [&, &name = name](std::string_view filter) -> std::optional<Texts> {
      if (filter == "instance-type") return Texts{name};
      return std::nullopt;
    };
    TRY(const bool hit, matches(in.Filters, {}, values));
    if (!hit) continue;
    InstanceTypeInfo one;
    one.InstanceType = name;
    one.CurrentGeneration = true;
    one.BurstablePerformanceSupported = name.starts_with('t');
    one.VCpuInfo = VCpuInfo{.DefaultVCpus = static_cast<std::int64_t>(gives.cpus)};
    one.MemoryInfo = MemoryInfo{.SizeInMiB = static_cast<std::int64_t>(gives.memory.value >> 20)};
    one.ProcessorInfo = ProcessorInfo{.SupportedArchitectures = {"x86_64"}};
    one.SupportedUsageClasses = {"on-demand", "spot"};
    one.SupportedVirtualizationTypes = {"hvm"};
    if (gives.gpus > 0) {
      one.GpuInfo.emplace();
      one.GpuInfo->Gpus.push_back({.Manufacturer = "NVIDIA", .Count = gives.gpus});
    }
    out.InstanceTypes.push_back(std::move(one));
  }
  TRY_VOID(page(out.InstanceTypes, in.NextToken, in.MaxResults, out.NextToken));
  return out;
}

}  // namespace weir::amazon::ec2
