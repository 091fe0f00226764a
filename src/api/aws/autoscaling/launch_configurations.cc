// Launch configurations.
#include "api/aws/autoscaling/parts.h"
#include "api/aws/autoscaling/service.h"
#include "api/aws/ec2/lookup.h"

namespace weir::amazon::autoscaling {

Task<Reply<CreateLaunchConfigurationOutput>> create_launch_configuration(
    Context& context, const CreateLaunchConfigurationInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<AutoScalingBook>();
  const std::string& name = *in.LaunchConfigurationName;
  if (book.configurations.contains(name)) {
    co_return refuse("AlreadyExists",
                     "Launch Configuration by this name already exists - A launch configuration "
                     "already exists with the name " +
                         name);
  }
  if (!in.ImageId || !in.InstanceType) {
    co_return tl::unexpected(
        invalid("Valid requests must contain either the InstanceID parameter or both the ImageId "
                "and InstanceType parameters."));
  }
  const Aws& aws = context.world.control().desired().aws;
  if (!ec2::image(aws, *in.ImageId)) {
    co_return tl::unexpected(invalid(
        fmt::format("Invalid AMI ID {}: aws.images of the configuration maps it", *in.ImageId)));
  }
  if (!ec2::size(aws, *in.InstanceType)) {
    co_return tl::unexpected(invalid(
        fmt::format("Invalid instance type: '{}': aws.instance_types of the configuration maps it",
                    *in.InstanceType)));
  }
  Kept<LaunchConfiguration> kept;
  auto& value = kept.value;
  value.LaunchConfigurationName = name;
  value.LaunchConfigurationARN = make_arn(
      "autoscaling", context.tenant,
      fmt::format("launchConfiguration:{}:launchConfigurationName/{}", draw_hex(32), name));
  value.ImageId = in.ImageId;
  value.InstanceType = in.InstanceType;
  value.KeyName = in.KeyName.value_or("");
  value.SecurityGroups = in.SecurityGroups;
  value.UserData = in.UserData.value_or("");
  value.KernelId = in.KernelId.value_or("");
  value.RamdiskId = in.RamdiskId.value_or("");
  value.BlockDeviceMappings = in.BlockDeviceMappings;
  for (const BlockDeviceMapping& disk : in.BlockDeviceMappings) {  // described, and nothing more
    no_effect(disk.VirtualName, disk.DeviceName, disk.NoDevice);
    if (!disk.Ebs) continue;
    no_effect(disk.Ebs->SnapshotId, disk.Ebs->VolumeSize, disk.Ebs->VolumeType,
              disk.Ebs->DeleteOnTermination, disk.Ebs->Iops, disk.Ebs->Encrypted,
              disk.Ebs->Throughput);
  }
  value.InstanceMonitoring = in.InstanceMonitoring;
  if (!value.InstanceMonitoring) value.InstanceMonitoring = InstanceMonitoring{.Enabled = true};
  value.SpotPrice = in.SpotPrice;
  value.IamInstanceProfile = in.IamInstanceProfile;
  value.EbsOptimized = in.EbsOptimized.value_or(false);
  value.AssociatePublicIpAddress = in.AssociatePublicIpAddress;
  value.PlacementTenancy = in.PlacementTenancy;
  value.MetadataOptions = in.MetadataOptions;
  if (const auto& options = in.MetadataOptions) {  // likewise
    no_effect(options->HttpTokens, options->HttpPutResponseHopLimit, options->HttpEndpoint);
  }
  value.CreatedTime = kept.made = context.now;
  book.configurations.put(name, std::move(kept));
  CO_TRY_VOID(co_await draft.commit());
  co_return CreateLaunchConfigurationOutput();
}

Task<Reply<DescribeLaunchConfigurationsOutput>> describe_launch_configurations(
    Context& context, const DescribeLaunchConfigurationsInput& in) {
  DescribeLaunchConfigurationsOutput out;
  for (const auto& [name, kept] :
       context.world.book<AutoScalingBook>(context.tenant).configurations) {
    const auto& names = in.LaunchConfigurationNames;
    if (!names.empty() && std::ranges::find(names, name) == names.end()) continue;
    out.LaunchConfigurations.push_back(kept->value);
  }
  TRY_VOID(page(out.LaunchConfigurations, in.NextToken, in.MaxRecords, out.NextToken));
  return out;
}

Task<Reply<DeleteLaunchConfigurationOutput>> delete_launch_configuration(
    Context& context, const DeleteLaunchConfigurationInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<AutoScalingBook>();
  const std::string& name = *in.LaunchConfigurationName;
  if (!book.configurations.contains(name)) {
    co_return tl::unexpected(invalid("Launch configuration name not found - Launch configuration " +
                                     name + " not found"));
  }
  for (const auto& entry : book.groups) {
    if (entry.second->value.LaunchConfigurationName == name) {
      co_return refuse("ResourceInUse", "Cannot delete launch configuration " + name +
                                            " because it is attached to AutoScalingGroup " +
                                            entry.first);
    }
  }
  book.configurations.erase(name);
  CO_TRY_VOID(co_await draft.commit());
  co_return DeleteLaunchConfigurationOutput();
}

}  // namespace weir::amazon::autoscaling
