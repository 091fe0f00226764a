// The tables of mixed instances, of the pace of scaling, and of shared devices.
#include "config/field.h"
#include "model/desired_fields.h"
#include "model/desired_syntax.h"
#include "model/ip.h"
#include "model/plain_url.h"

namespace weir {

using config::above_zero;
using config::also_called;
using config::between;
using config::Cursor;
using config::field;
using config::is;
using config::one_of;
using config::struct_type;

namespace {

config::Verdict plain_url(const std::string& text) {
  auto url = parse_plain_url(text);
  // Names are not looked up: a metadata service has an address.
  const auto host = url ? url->host : "";
  const bool bracketed = host.starts_with('[');
  const auto ip = parse_ip(bracketed ? host.substr(1, host.size() - 2) : host);
  if (url && ip) return std::nullopt;
  return config::Complaint{"'" + config::shorten(text) + "' cannot be asked: " +
                               (url ? "its host is no address" : url.error().message),
                           "write http://HOST:PORT/PATH, such as "
                           "http://169.254.169.254/latest/meta-data/spot/instance-action"};
}

void check_limit(const Cursor& cursor, void* value) {
  const auto& limit = *static_cast<const PaceLimit*>(value);
  if (limit.instances.has_value() == limit.percent.has_value()) {
    cursor.mistake("is instances or percent, one of them",
                   "write { instances: 4, period: 60s } or { percent: 50, period: 60s }");
  }
}

}  // namespace

const config::Type& config_type(const PaceLimit*) {
  static const auto type = struct_type<PaceLimit>(
      "map",
      {also_called(field("instances", &PaceLimit::instances, "at most so many in a period",
                         between(0, 10000)),
                   {"pods", "capacity"}),
       field("percent", &PaceLimit::percent, "at most such a share of what the period began with",
             between(0, 10000)),
       also_called(
           field("period", &PaceLimit::period, "in which that is counted", between(1s, 3600s)),
           {"every", "period_seconds"})},
      check_limit);
  return type;
}

const config::Type& config_type(const Pace*) {
  static const auto type = struct_type<Pace>(
      "map",
      {also_called(field("stabilization", &Pace::stabilization,
                         "the most careful wish of this long counts", between(0s, 3600s)),
                   {"stabilization_window", "stabilization_window_seconds"}),
       also_called(field("limits", &Pace::limits, "how much may change in a period"),
                   {"policies", "at_most"}),
       also_called(field("select", &Pace::select,
                         "which of several limits counts: max is the widest; disabled: no policy "
                         "moves it this way",
                         one_of({"max", "min", "disabled"})),
                   {"select_policy"})});
  return type;
}

const config::Type& config_type(const LaunchOverrides*) {
  static const auto type = struct_type<LaunchOverrides>(
      "map",
      {also_called(
           field("command", &LaunchOverrides::command, "program and arguments, as in launch"),
           {"cmd", "exec", "run", "argv", "entrypoint", "args"}),
       also_called(field("environment", &LaunchOverrides::environment,
                         "added to that of launch; the same name replaces"),
                   {"env", "envs", "variables", "environment_variables"}),
       field("directory", &LaunchOverrides::directory, "working directory"),
       field("user", &LaunchOverrides::user, "who it runs as"),
       also_called(
           field("cpus", &LaunchOverrides::cpus, "most processor time, in cores", between(0, 4096)),
           {"cpu", "cores", "vcpus"}),
       also_called(field("memory", &LaunchOverrides::memory, "most memory"),
                   {"mem", "ram", "memory_limit"}),
       field("processes", &LaunchOverrides::processes, "most processes and threads"),
       also_called(field("gpus", &LaunchOverrides::gpus, "devices given to each", between(0, 1024)),
                   {"gpu"}),
       field("stop_grace", &LaunchOverrides::stop_grace, "between SIGTERM and SIGKILL",
             between(0s, 24h)),
       field("start_timeout", &LaunchOverrides::start_timeout, "to become healthy",
             between(1ms, kLongest)),
       also_called(
           field("zone", &LaunchOverrides::zone, "failure domain", is(syntax::resource_name)),
           {"availability_zone", "az"})});
  return type;
}

const config::Type& config_type(const Interruption*) {
  static const auto type = struct_type<Interruption>(
      "map", {field("url", &Interruption::url,
                    "asked for a notice as EC2's metadata service answers it: 404 is none, 200 has "
                    "{\"action\": \"terminate\", \"time\": \"2026-11-21T08:22:00Z\"}",
                    is(plain_url)),
              also_called(
                  field("every", &Interruption::every, "between two questions", between(100ms, 1h)),
                  {"interval", "period"}),
              also_called(field("notice", &Interruption::notice,
                                "how long spot instances still live after a SIGPWR to weir",
                                between(1s, 24h)),
                          {"in", "time"})});
  return type;
}

const config::Type& config_type(const InstanceTemplate*) {
  static const auto type = struct_type<InstanceTemplate>(
      "map",
      {field("name", &InstanceTemplate::name, "what it is called", config::required("name: small"),
             is(syntax::resource_name)),
       also_called(
           field("launch", &InstanceTemplate::launch, "what it changes of the group's launch"),
           {"overrides"}),
       also_called(field("weight", &InstanceTemplate::weight, "units of capacity that one gives",
                         between(1, 999)),
                   {"weighted_capacity", "units"}),
       also_called(
           field("price", &InstanceTemplate::price, "of one, per hour", between(0, 1'000'000)),
           {"price_per_hour", "cost"}),
       field("spot", &InstanceTemplate::spot, "it may be taken away at short notice"),
       field("reserved", &InstanceTemplate::reserved,
             "instances that are paid for anyway: used first, and counted whether used or not",
             between(0, 10000)),
       field("interruption", &InstanceTemplate::interruption,
             "how their end is announced; default: as the group says")});
  return type;
}

const config::Type& config_type(const Mix*) {
  static const auto type = struct_type<Mix>(
      "map",
      {also_called(
           field("on_demand_base", &Mix::on_demand_base,
                 "units that are on demand before there is any spot", between(0, 1'000'000)),
           {"on_demand_base_capacity", "base"}),
       also_called(field("on_demand_percentage", &Mix::on_demand_percentage,
                         "of the units above the base, rounded up", between(0, 100)),
                   {"on_demand_percentage_above_base_capacity", "on_demand_percent"}),
       also_called(field("strategy", &Mix::strategy,
                         "which template first: by price for a unit, in the order of the list, or "
                         "those that were interrupted or failed to start least, then by price",
                         one_of({"lowest_price", "prioritized", "price_capacity_optimized"})),
                   {"allocation_strategy", "spot_allocation_strategy"}),
       also_called(field("templates", &Mix::templates, "the kinds of instances"),
                   {"overrides", "instances"})});
  return type;
}

const config::Type& config_type(const Sharing*) {
  static const auto type = struct_type<Sharing>(
      "map",
      {field("priority", &Sharing::priority, "the higher one does not wait for yield_after",
             between(-1000, 1000)),
       also_called(field("yield_after", &Sharing::yield_after,
                         "an instance without a request this long gives its devices to who waits",
                         between(0s, kLongest)),
                   {"idle", "ttl"}),
       also_called(field("hold", &Sharing::hold, "one that came up keeps its devices so long",
                         between(0s, kLongest)),
                   {"keep", "min_time"}),
       field("preemptible", &Sharing::preemptible,
             "true: gives way below min too, to a group of higher priority")});
  return type;
}

}  // namespace weir
