#include <fmt/format.h>

#include "api/aws/elbv2/addresses.h"
#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/settings.h"
#include "api/aws/world.h"
#include "api/aws/world/arn.h"

namespace weir::amazon::elbv2 {
namespace {

CreateLoadBalancerOutput answer(const LoadBalancer& balancer) {
  CreateLoadBalancerOutput out;
  out.LoadBalancers.push_back(balancer);
  return out;
}

// What a caller says of it; its ARN and address come later.
Reply<LoadBalancer> balancer_of(const Context& context, const Books& books,
                                const CreateLoadBalancerInput& in) {
  LoadBalancer made;
  made.LoadBalancerName = in.Name;
  made.Type = in.Type.value_or("application");
  if (made.Type == "gateway") {
    return refuse("ValidationError", "Load balancers of the type gateway are not supported here");
  }
  if (in.EnablePrefixForIpv6SourceNat.value_or("off") != "off") {
    return refuse("ValidationError", "EnablePrefixForIpv6SourceNat is not supported here");
  }
  made.Scheme = in.Scheme.value_or("internet-facing");
  made.IpAddressType = in.IpAddressType.value_or("ipv4");
  TRY_VOID(check_ip_address_type(*made.IpAddressType));
  TRY(made.AvailabilityZones,
      zones_of_subnets(context, books, in.Subnets, in.SubnetMappings, made.VpcId));
  if (!in.SecurityGroups.empty()) made.SecurityGroups = in.SecurityGroups;
  if (!is_network(made)) made.SecurityGroups.give();
  made.State = {.Code = "active"};
  made.CanonicalHostedZoneId = is_network(made) ? "Z26RNL4JYFTOTI" : "Z35SXDOTRQ7X7K";
  return made;
}

bool same_balancer(const LoadBalancer& a, const LoadBalancer& b) {
  const auto subnets = [](const LoadBalancer& one) {
    std::set<std::string> ids;
    for (const auto& zone : one.AvailabilityZones) ids.insert(zone.SubnetId.value_or(""));
    return ids;
  };
  return a.Type == b.Type && a.Scheme == b.Scheme && a.IpAddressType == b.IpAddressType &&
         subnets(a) == subnets(b) && a.SecurityGroups == b.SecurityGroups;
}

}  // namespace

Task<Reply<CreateLoadBalancerOutput>> create_load_balancer(Context& context,
                                                           const CreateLoadBalancerInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  const std::string& name = *in.Name;
  if (!good_name(name)) {
    co_return refuse("ValidationError",
                     fmt::format("The load balancer name '{}' can contain at most 32 characters, "
                                 "only letters, digits and hyphens, and must not begin or end with "
                                 "a hyphen or begin with 'internal-'",
                                 name));
  }
  CO_TRY(LoadBalancer made, balancer_of(context, draft.books(), in));
  if (const auto* other = load_balancer_named(book, name)) {
    if (!same_balancer(made, other->value)) {
      co_return refuse("DuplicateLoadBalancerName",
                       fmt::format("A load balancer with the same name '{}' exists, but with "
                                   "different settings",
                                   name));
    }
    co_return answer(other->value);
  }
  const auto address = free_address(context.world, draft.books());
  if (!address) {
    co_return refuse("TooManyLoadBalancers",
                     "All addresses of aws.addresses are taken by load balancers");
  }
  made.LoadBalancerArn = make_arn(
      "elasticloadbalancing", context.tenant,
      fmt::format("loadbalancer/{}/{}/{}", is_network(made) ? "net" : "app", name, draw_hex(16)));
  made.DNSName = *address;
  made.CreatedTime = context.now;
  Kept<LoadBalancer> kept;
  kept.value = made;
  kept.made = context.now;
  CO_TRY_VOID(set_tags(in.Tags, kept.tags));
  book.load_balancers.put(*made.LoadBalancerArn, std::move(kept));
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return answer(made);
}

}  // namespace weir::amazon::elbv2
