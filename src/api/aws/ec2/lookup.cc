#include "api/aws/ec2/lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "api/aws/ec2/book.h"
#include "api/aws/world/arn.h"

namespace weir::amazon::ec2 {
namespace {

// What files say of zones.
std::set<std::string> zones_of_files(const Desired& desired) {
  std::set<std::string> all;
  if (!desired.zone.empty()) all.insert(desired.zone);
  for (const auto& [name, group] : desired.scaling_groups) {
    all.insert(group.zones.begin(), group.zones.end());
    if (!group.launch.zone.empty()) all.insert(group.launch.zone);
  }
  for (const auto& [name, group] : desired.target_groups) {
    for (const StaticEndpoint& endpoint : group.endpoints) {
      if (!endpoint.zone.empty()) all.insert(endpoint.zone);
    }
  }
  return all;
}

constexpr double kGiB = 1024.0 * 1024 * 1024;

struct BuiltIn {
  std::string_view name;
  double cpus;
  double gib;
  std::uint32_t gpus;
};

// As "Amazon EC2 instance types" has them.
constexpr BuiltIn kBuiltIn[] = {
    {"t3.nano", 2, 0.5, 0},        {"t3.micro", 2, 1, 0},       {"t3.small", 2, 2, 0},
    {"t3.medium", 2, 4, 0},        {"t3.large", 2, 8, 0},       {"t3.xlarge", 4, 16, 0},
    {"t3.2xlarge", 8, 32, 0},      {"t2.nano", 1, 0.5, 0},      {"t2.micro", 1, 1, 0},
    {"t2.small", 1, 2, 0},         {"t2.medium", 2, 4, 0},      {"t2.large", 2, 8, 0},
    {"m5.large", 2, 8, 0},         {"m5.xlarge", 4, 16, 0},     {"m5.2xlarge", 8, 32, 0},
    {"m5.4xlarge", 16, 64, 0},     {"m5.8xlarge", 32, 128, 0},  {"m5.12xlarge", 48, 192, 0},
    {"m5.16xlarge", 64, 256, 0},   {"m5.24xlarge", 96, 384, 0}, {"c5.large", 2, 4, 0},
    {"c5.xlarge", 4, 8, 0},        {"c5.2xlarge", 8, 16, 0},    {"c5.4xlarge", 16, 32, 0},
    {"c5.9xlarge", 36, 72, 0},     {"c5.12xlarge", 48, 96, 0},  {"c5.18xlarge", 72, 144, 0},
    {"c5.24xlarge", 96, 192, 0},   {"g5.xlarge", 4, 16, 1},     {"g5.2xlarge", 8, 32, 1},
    {"g5.4xlarge", 16, 64, 1},     {"g5.8xlarge", 32, 128, 1},  {"g5.12xlarge", 48, 192, 4},
    {"g5.16xlarge", 64, 256, 1},   {"g5.24xlarge", 96, 384, 4}, {"g5.48xlarge", 192, 768, 8},
    {"p4d.24xlarge", 96, 1152, 8}, {"p5.4xlarge", 16, 256, 1},  {"p5.48xlarge", 192, 2048, 8},
};
constexpr std::string_view kHosted = "ml.";  // SageMaker's name of the same

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string version_key(std::string_view template_id, std::int64_t version) {
  return fmt::format("{}/{:010}", template_id, version);
}

std::vector<std::string> zones(const World& world, const Tenant& tenant) {
  std::vector<std::string> all;
  for (const char letter : {'a', 'b', 'c'}) all.push_back(tenant.region + letter);
  if (!world.is_home(tenant)) return all;
  for (const std::string& zone : zones_of_files(world.control().desired())) {
    // Those of another region are another tenant's.
    const bool regional = zone.size() > 1 && zone.find('-') != zone.npos &&
                          zone.find_first_of("0123456789") == zone.size() - 2;
    if (!regional && std::ranges::find(all, zone) == all.end()) all.push_back(zone);
  }
  return all;
}

std::string default_vpc_id(const Tenant& tenant) {
  return "vpc-" + hex_of(fmt::format("default/{}/{}", tenant.account, tenant.region), 17);
}

std::string default_subnet_id(const Tenant& tenant, std::string_view zone) {
  return "subnet-" +
         hex_of(fmt::format("default/{}/{}/{}", tenant.account, tenant.region, zone), 17);
}

std::string default_security_group_id(const Tenant& tenant, std::string_view vpc) {
  return "sg-" + hex_of(fmt::format("default/{}/{}/{}", tenant.account, tenant.region, vpc), 17);
}

std::optional<std::string> zone_of_subnet(const World& world, const Tenant& tenant,
                                          const Books& books, std::string_view id) {
  const auto* kept = books.get<Ec2Book>().subnets.find(std::string(id));
  if (kept != nullptr) return kept->value.AvailabilityZone;
  const std::vector<std::string> all = zones(world, tenant);
  for (const std::string& zone : all) {
    if (default_subnet_id(tenant, zone) == id) return zone;
  }
  if (!world.control().desired().aws.adopt_unknown) return std::nullopt;
  const auto draw = std::stoull(hex_of(id, 8), nullptr, 16);
  return all[draw % 3];
}

std::optional<std::string> vpc_of_subnet(const World& world, const Tenant& tenant,
                                         const Books& books, std::string_view id) {
  const auto* kept = books.get<Ec2Book>().subnets.find(std::string(id));
  if (kept != nullptr) return kept->value.VpcId;
  if (!zone_of_subnet(world, tenant, books, id)) return std::nullopt;
  return default_vpc_id(tenant);
}

bool is_security_group(const World& world, const Tenant& tenant, const Books& books,
                       std::string_view id) {
  const Ec2Book& book = books.get<Ec2Book>();
  if (book.security_groups.contains(std::string(id))) return true;
  if (id == default_security_group_id(tenant, default_vpc_id(tenant))) return true;
  for (const auto& [vpc, kept] : book.vpcs) {
    if (id == default_security_group_id(tenant, vpc)) return true;
  }
  return world.control().desired().aws.adopt_unknown;
}

std::optional<Launch> image(const Aws& aws, std::string_view id) {
  auto found = aws.images.find(std::string(id));
  if (found == aws.images.end() && aws.adopt_unknown) found = aws.images.find("default");
  if (found == aws.images.end()) return std::nullopt;
  return found->second;
}

Named<InstanceSize> sizes(const Aws& aws) {
  Named<InstanceSize> all = aws.instance_types;
  for (const BuiltIn& one : kBuiltIn) {
    const InstanceSize size{one.cpus, Bytes{static_cast<std::uint64_t>(one.gib * kGiB)}, one.gpus};
    all.emplace(one.name, size);
    all.emplace(std::string(kHosted) + std::string(one.name), size);
  }
  return all;
}

std::optional<InstanceSize> size(const Aws& aws, std::string_view type) {
  const auto own = aws.instance_types.find(std::string(type));
  if (own != aws.instance_types.end()) return own->second;
  if (type.starts_with(kHosted)) type.remove_prefix(kHosted.size());
  const auto* const found = std::ranges::find(kBuiltIn, type, &BuiltIn::name);
  if (found == std::end(kBuiltIn)) return std::nullopt;
  return InstanceSize{found->cpus, Bytes{static_cast<std::uint64_t>(found->gib * kGiB)},
                      found->gpus};
}

aws::Reply<const aws::ec2::LaunchTemplateVersion*> template_version(
    const Books& books, const std::optional<std::string>& id,
    const std::optional<std::string>& name, const std::optional<std::string>& version) {
  const Ec2Book& book = books.get<Ec2Book>();
  const Kept<aws::ec2::LaunchTemplate>* found = id ? book.templates.find(*id) : nullptr;
  if (!id && name) {
    for (const auto& [key, kept] : book.templates) {
      if (kept->value.LaunchTemplateName == name) found = kept.get();
    }
  }
  if (found == nullptr) {
    if (id) {
      return aws::refuse("InvalidLaunchTemplateId.NotFound",
                         fmt::format("The specified launch template, with template ID {}, does "
                                     "not exist.",
                                     *id));
    }
    if (!name) {
      return aws::refuse("MissingParameter",
                         "The request must contain the parameter LaunchTemplateId or "
                         "LaunchTemplateName");
    }
    return aws::refuse("InvalidLaunchTemplateName.NotFoundException",
                       fmt::format("The specified launch template, with template name {}, does "
                                   "not exist.",
                                   *name));
  }
  const std::string text = version.value_or("$Default");
  std::optional<std::int64_t> wanted = number(text);
  if (text == "$Latest") wanted = found->value.LatestVersionNumber;
  if (text == "$Default" || text.empty()) wanted = found->value.DefaultVersionNumber;
  const auto* kept =
      wanted ? book.versions.find(version_key(*found->value.LaunchTemplateId, *wanted)) : nullptr;
  if (kept != nullptr) return &kept->value;
  return aws::refuse("InvalidLaunchTemplateId.VersionNotFound",
                     fmt::format("Could not find the specified version {} for the launch template "
                                 "with ID {}.",
                                 text, *found->value.LaunchTemplateId));
}

}  // namespace weir::amazon::ec2
