// What ids and names of EC2 mean on this machine: subnets are zones, images are launches, instance
// types are sizes. For the other services, and for compilers. Pure; lives on the control thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/aws/world.h"
#include "aws/models/ec2.h"
#include "model/aws.h"
#include "model/launch.h"

namespace weir::amazon::ec2 {

// REGION followed by a, b, c; and, in the home tenant, the zones that files name.
std::vector<std::string> zones(const World& world, const Tenant& tenant);
// nullopt: nobody made that subnet, it is no default one, and unknown ones are not adopted.
std::optional<std::string> zone_of_subnet(const World& world, const Tenant& tenant,
                                          const Books& books, std::string_view id);
// The VPC of a subnet; likewise.
std::optional<std::string> vpc_of_subnet(const World& world, const Tenant& tenant,
                                         const Books& books, std::string_view id);
std::string default_vpc_id(const Tenant& tenant);
std::string default_subnet_id(const Tenant& tenant, std::string_view zone);
std::string default_security_group_id(const Tenant& tenant, std::string_view vpc);
// Made by a call, or the default one of a VPC that is there; or unknown ones are adopted.
bool is_security_group(const World& world, const Tenant& tenant, const Books& books,
                       std::string_view id);

// What an instance of that image runs. nullopt: no image of that id or name, as with subnets.
std::optional<Launch> image(const Aws& aws, std::string_view id);
// What an instance type gives. nullopt: it is neither built in nor in the configuration.
std::optional<InstanceSize> size(const Aws& aws, std::string_view type);
// All of them by name.
Named<InstanceSize> sizes(const Aws& aws);

// The data of a version of a launch template: by its id or name, and a number, $Latest, $Default or
// "" (the default one). As refused by EC2.
aws::Reply<const aws::ec2::LaunchTemplateVersion*> template_version(
    const Books& books, const std::optional<std::string>& id,
    const std::optional<std::string>& name, const std::optional<std::string>& version);

}  // namespace weir::amazon::ec2
