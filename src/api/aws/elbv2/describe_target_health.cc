#include <algorithm>

#include "api/aws/elbv2/declared.h"
#include "api/aws/elbv2/draining.h"
#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/health.h"
#include "api/aws/elbv2/names.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {
namespace {

struct Seen {
  const Context& context;
  const ElbBook& book;
  const Kept<TargetGroup>& group;
  bool used;                                                 // by a load balancer
  std::map<std::string, control::EndpointStatus> endpoints;  // by address; those not yet told of
};

std::string check_port(const Seen& seen, std::int64_t port) {
  const std::string own = seen.group.value.HealthCheckPort.value_or("traffic-port");
  return own == "traffic-port" ? std::to_string(port) : own;
}

TargetHealthDescription told(const Seen& seen, const TargetDescription& target,
                             TargetHealth health) {
  TargetHealthDescription one;
  one.Target = target;
  one.HealthCheckPort = check_port(seen, target.Port.value_or(0));
  one.TargetHealth = std::move(health);
  return one;
}

TargetHealthDescription told(const Seen& seen, const TargetDescription& target,
                             const control::EndpointStatus& endpoint) {
  auto one = told(seen, target, seen.used ? health_of(endpoint) : unused_health(true));
  const bool out = endpoint.state == "ejected";
  one.AnomalyDetection = {.Result = out ? "anomalous" : "normal",
                          .MitigationInEffect = out ? "yes" : "no"};
  return one;
}

void add_registered(Seen& seen, DescribeTargetHealthOutput& out) {
  each_below(seen.book.targets, target_prefix(*seen.group.value.TargetGroupArn),
             [&](const std::string&, const Kept<TargetDescription>& kept) {
               const auto found = seen.endpoints.find(target_address(kept));
               if (found != seen.endpoints.end()) {
                 out.TargetHealthDescriptions.push_back(told(seen, kept.value, found->second));
                 seen.endpoints.erase(found);
                 return;
               }
               control::EndpointStatus starting;  // not yet in what the workers run
               starting.state = "starting";
               out.TargetHealthDescriptions.push_back(told(seen, kept.value, starting));
             });
}

// Those of scaling groups that are attached.
void add_instances(const Seen& seen, DescribeTargetHealthOutput& out) {
  for (const auto& [address, endpoint] : seen.endpoints) {
    if (endpoint.instance.empty()) continue;
    TargetDescription target;
    target.Id = endpoint.instance;
    target.Port = port_of_address(address);
    if (!endpoint.zone.empty()) target.AvailabilityZone = endpoint.zone;
    out.TargetHealthDescriptions.push_back(told(seen, target, endpoint));
  }
}

void add_draining(const Seen& seen, const std::string& arn, DescribeTargetHealthOutput& out) {
  each_below(seen.book.draining, target_prefix(arn),
             [&](const std::string&, const Kept<TargetDescription>& kept) {
               if (is_drained(seen.group, kept, seen.context.now)) return;
               out.TargetHealthDescriptions.push_back(told(seen, kept.value, draining_health()));
             });
}

// Those that are asked for; unused where they are not there.
ListOf<TargetHealthDescription> only(const ListOf<TargetDescription>& wanted,
                                     const DescribeTargetHealthOutput& all) {
  ListOf<TargetHealthDescription> found;
  found.give();
  for (const TargetDescription& one : wanted) {
    bool any = false;
    for (const TargetHealthDescription& known : all.TargetHealthDescriptions) {
      if (known.Target->Id != one.Id || (one.Port && known.Target->Port != one.Port)) continue;
      found.push_back(known);
      any = true;
    }
    if (any) continue;
    TargetHealthDescription none;
    none.Target = one;
    none.TargetHealth = unused_health(false);
    found.push_back(std::move(none));
  }
  return found;
}

}  // namespace

Task<Reply<DescribeTargetHealthOutput>> describe_target_health(
    Context& context, const DescribeTargetHealthInput& in) {
  const ElbBook book = visible(context);
  const std::string& arn = *in.TargetGroupArn;
  TRY(const auto* kept, find_target_group(book, arn));
  Seen seen{context, book, *kept, users_of_groups(book).contains(arn), {}};
  const std::string own = context.world.name(context.tenant, *kept->value.TargetGroupName);
  if (auto status = context.world.control().target_group(own)) {
    for (control::EndpointStatus& one : status->endpoints) {
      seen.endpoints.emplace(one.address, std::move(one));
    }
  }
  const bool anomalies = std::ranges::any_of(
      in.Include, [](const std::string& one) { return one == "AnomalyDetection" || one == "All"; });
  DescribeTargetHealthOutput out;
  add_registered(seen, out);
  add_instances(seen, out);
  add_draining(seen, arn, out);
  if (!in.Targets.empty()) out.TargetHealthDescriptions = only(in.Targets, out);
  for (TargetHealthDescription& one : out.TargetHealthDescriptions) {
    if (!anomalies) one.AnomalyDetection.reset();
  }
  return out;
}

}  // namespace weir::amazon::elbv2
