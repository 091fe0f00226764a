#include "api/aws/ec2/launch_data.h"

namespace weir::amazon::ec2 {
namespace {

using namespace aws::ec2;  // NOLINT: the model's names

template <class T>
void take(const T& from, T& to) {
  if (from) to = from;
}
template <class T>
void take_list(const aws::ListOf<T>& from, aws::ListOf<T>& to) {
  if (from.given()) to = from;
}

LaunchTemplateBlockDeviceMapping disk(const LaunchTemplateBlockDeviceMappingRequest& in) {
  LaunchTemplateBlockDeviceMapping out;
  out.DeviceName = in.DeviceName;
  out.VirtualName = in.VirtualName;
  out.NoDevice = in.NoDevice;
  if (!in.Ebs) return out;
  out.Ebs.emplace();
  out.Ebs->Encrypted = in.Ebs->Encrypted;
  out.Ebs->DeleteOnTermination = in.Ebs->DeleteOnTermination;
  out.Ebs->Iops = in.Ebs->Iops;
  out.Ebs->KmsKeyId = in.Ebs->KmsKeyId;
  out.Ebs->SnapshotId = in.Ebs->SnapshotId;
  out.Ebs->VolumeSize = in.Ebs->VolumeSize;
  out.Ebs->VolumeType = in.Ebs->VolumeType;
  out.Ebs->Throughput = in.Ebs->Throughput;
  return out;
}

LaunchTemplateInstanceNetworkInterfaceSpecification card(
    const LaunchTemplateInstanceNetworkInterfaceSpecificationRequest& in) {
  LaunchTemplateInstanceNetworkInterfaceSpecification out;
  out.AssociatePublicIpAddress = in.AssociatePublicIpAddress;
  out.DeleteOnTermination = in.DeleteOnTermination;
  out.Description = in.Description;
  out.DeviceIndex = in.DeviceIndex;
  out.Groups = in.Groups;
  out.InterfaceType = in.InterfaceType;
  out.NetworkCardIndex = in.NetworkCardIndex;
  out.SubnetId = in.SubnetId;
  return out;
}

LaunchTemplateInstanceMetadataOptions metadata(
    const LaunchTemplateInstanceMetadataOptionsRequest& in) {
  LaunchTemplateInstanceMetadataOptions out;
  out.State = "applied";
  out.HttpTokens = in.HttpTokens;
  out.HttpPutResponseHopLimit = in.HttpPutResponseHopLimit;
  out.HttpEndpoint = in.HttpEndpoint;
  out.HttpProtocolIpv6 = in.HttpProtocolIpv6;
  out.InstanceMetadataTags = in.InstanceMetadataTags;
  return out;
}

}  // namespace

void overlay(const RequestLaunchTemplateData& in, ResponseLaunchTemplateData& out) {
  take(in.ImageId, out.ImageId);
  take(in.InstanceType, out.InstanceType);
  take(in.KeyName, out.KeyName);
  take(in.UserData, out.UserData);
  take(in.EbsOptimized, out.EbsOptimized);
  take(in.DisableApiTermination, out.DisableApiTermination);
  take(in.DisableApiStop, out.DisableApiStop);
  take(in.InstanceInitiatedShutdownBehavior, out.InstanceInitiatedShutdownBehavior);
  take_list(in.SecurityGroupIds, out.SecurityGroupIds);
  take_list(in.SecurityGroups, out.SecurityGroups);
  if (in.IamInstanceProfile) {
    out.IamInstanceProfile.emplace();
    out.IamInstanceProfile->Arn = in.IamInstanceProfile->Arn;
    out.IamInstanceProfile->Name = in.IamInstanceProfile->Name;
  }
  if (in.Monitoring) {
    out.Monitoring.emplace();
    out.Monitoring->Enabled = in.Monitoring->Enabled;
  }
  if (in.Placement) {
    out.Placement.emplace();
    out.Placement->AvailabilityZone = in.Placement->AvailabilityZone;
    out.Placement->Tenancy = in.Placement->Tenancy;
  }
  if (in.CreditSpecification) {
    out.CreditSpecification.emplace();
    out.CreditSpecification->CpuCredits = in.CreditSpecification->CpuCredits;
  }
  if (in.InstanceMarketOptions) {
    out.InstanceMarketOptions.emplace();
    out.InstanceMarketOptions->MarketType = in.InstanceMarketOptions->MarketType;
  }
  if (in.MetadataOptions) out.MetadataOptions = metadata(*in.MetadataOptions);
  if (in.BlockDeviceMappings.given()) {
    out.BlockDeviceMappings = {};
    for (const auto& one : in.BlockDeviceMappings) out.BlockDeviceMappings.push_back(disk(one));
  }
  if (in.NetworkInterfaces.given()) {
    out.NetworkInterfaces = {};
    for (const auto& one : in.NetworkInterfaces) out.NetworkInterfaces.push_back(card(one));
  }
  if (in.TagSpecifications.given()) {
    out.TagSpecifications = {};
    for (const auto& one : in.TagSpecifications) {
      out.TagSpecifications.push_back({.ResourceType = one.ResourceType, .Tags = one.Tags});
    }
  }
}

}  // namespace weir::amazon::ec2
