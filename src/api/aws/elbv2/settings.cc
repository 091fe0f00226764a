#include "api/aws/elbv2/settings.h"

#include <fmt/format.h>

#include <set>

#include "api/aws/ec2/lookup.h"

namespace weir::amazon::elbv2 {
namespace {

constexpr std::size_t kMostTags = 50;

}  // namespace

bool good_name(const std::string& name) {
  constexpr const char* kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
  return !name.empty() && name.size() <= 32 &&
         name.find_first_not_of(kPlain) == std::string::npos && name.front() != '-' &&
         name.back() != '-' && !name.starts_with("internal-");
}

Reply<void> check_ip_address_type(const std::string& type) {
  if (type == "ipv4") return {};
  return refuse("InvalidConfigurationRequest",
                fmt::format("The IP address type '{}' is not supported here", type));
}

Reply<ListOf<AvailabilityZone>> zones_of_subnets(const Context& context, const Books& books,
                                                 const ListOf<std::string>& subnets,
                                                 const ListOf<SubnetMapping>& mappings,
                                                 std::optional<std::string>& vpc) {
  ListOf<std::string> ids = subnets;
  for (const SubnetMapping& one : mappings) {
    if (one.SubnetId) ids.push_back(*one.SubnetId);
  }
  if (ids.empty()) {
    return refuse("ValidationError", "At least one subnet must be specified");
  }
  ListOf<AvailabilityZone> zones;
  std::set<std::string> seen;
  for (const std::string& id : ids) {
    const auto zone = ec2::zone_of_subnet(context.world, context.tenant, books, id);
    if (!zone) {
      return refuse("SubnetNotFound", fmt::format("The subnet ID '{}' does not exist", id));
    }
    if (!seen.insert(id).second) {
      return refuse("InvalidSubnet", fmt::format("The subnet '{}' is specified twice", id));
    }
    AvailabilityZone one;
    one.ZoneName = *zone;
    one.SubnetId = id;
    one.LoadBalancerAddresses.give();
    zones.push_back(std::move(one));
  }
  vpc = ec2::vpc_of_subnet(context.world, context.tenant, books, ids.front());
  return zones;
}

Reply<void> set_tags(const ListOf<Tag>& given, std::map<std::string, std::string>& tags) {
  std::set<std::string> seen;
  for (const Tag& tag : given) {
    if (!seen.insert(*tag.Key).second) {
      return refuse("DuplicateTagKeys",
                    fmt::format("The tag key '{}' is specified more than once", *tag.Key));
    }
    tags[*tag.Key] = tag.Value.value_or("");
  }
  if (tags.size() > kMostTags) {
    return refuse("TooManyTags", fmt::format("A resource can have at most {} tags", kMostTags));
  }
  return {};
}

void remove_listener(ElbBook& book, const std::string& arn) {
  erase_below(book.rules, rule_prefix(arn));
  erase_below(book.certificates, certificate_prefix(arn));
  book.listeners.erase(arn);
}

}  // namespace weir::amazon::elbv2
