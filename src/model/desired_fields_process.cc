// The tables of scaling groups, of the process, and of the whole.
#include <fmt/format.h>

#include "config/field.h"
#include "config/manual.h"
#include "model/desired_fields.h"
#include "model/desired_forms.h"
#include "model/desired_syntax.h"

namespace weir {

using config::above_zero;
using config::also_called;
using config::between;
using config::Cursor;
using config::Entry;
using config::field;
using config::field_as;
using config::is;
using config::later;
using config::one_of;
using config::required;
using config::struct_type;
using config::Trail;
using config::Verdict;

namespace {

Verdict launch_provider(const std::string& text) {
  if (text == "process") return std::nullopt;
  for (const std::string_view known : {"docker", "kubernetes", "slurm"}) {
    if (text == known) {
      return config::Complaint{fmt::format("provider {} is not built yet", text),
                               "it arrives with a later version; write process until then"};
    }
  }
  return config::Complaint{fmt::format("unknown provider '{}'", config::shorten(text)),
                           "write process"};
}

}  // namespace

const config::Type& config_type(const Launch*) {
  static const auto type = struct_type<Launch>(
      "map",
      {field("provider", &Launch::provider, "who makes instances", is(launch_provider, "process")),
       also_called(field_as(config::word_list_type(), "command", &Launch::command,
                            "program and arguments, one item each; ${WEIR_PORT} and "
                            "${WEIR_INSTANCE} are replaced",
                            required("command: [model-server, --port, \"${WEIR_PORT}\"]")),
                   {"cmd", "exec", "run", "argv", "entrypoint", "args"}),
       also_called(field("environment", &Launch::environment,
                         "variables by name; ${WEIR_PORT} and ${WEIR_INSTANCE} are replaced"),
                   {"env", "envs", "variables", "environment_variables"}),
       also_called(field("directory", &Launch::directory, "working directory; default: weir's own",
                         is([](const std::string& text) -> Verdict {
                           if (text.front() == '/') return std::nullopt;
                           return config::Complaint{
                               fmt::format("'{}' is not absolute", config::shorten(text)),
                               "start it with '/'"};
                         })),
                   {"working_directory", "workdir", "cwd", "dir"}),
       field("user", &Launch::user, "who it runs as; default: weir's own"),
       also_called(field("cpus", &Launch::cpus, "most processor time, in cores; 0 is unlimited",
                         between(0, 4096)),
                   {"cpu", "cores", "vcpus"}),
       also_called(field("memory", &Launch::memory, "most memory; 0 is unlimited"),
                   {"mem", "ram", "memory_limit"}),
       field("processes", &Launch::processes, "most processes and threads; 0 is unlimited"),
       also_called(field("gpus", &Launch::gpus, "devices given to each by CUDA_VISIBLE_DEVICES",
                         between(0, 1024)),
                   {"gpu"}),
       also_called(
           field("stop_grace", &Launch::stop_grace,
                 "between SIGTERM and SIGKILL, once the last stream has ended", between(0s, 24h)),
           {"grace", "grace_period", "termination_grace_period", "stop_timeout", "kill_timeout"}),
       also_called(field("start_timeout", &Launch::start_timeout,
                         "to become healthy; then it is replaced", between(1ms, kLongest)),
                   {"startup_timeout", "health_check_grace_period", "startup"}),
       also_called(field("zone", &Launch::zone, "failure domain of the instances",
                         is(syntax::resource_name)),
                   {"availability_zone", "az"}),
       later("image"), later("version")});
  return type;
}

const config::Type& config_type(const ScalingGroup*) {
  static const auto type = struct_type<ScalingGroup>(
      "map",
      {also_called(field("target_groups", &ScalingGroup::target_groups,
                         "which its instances join; none with health: process alone"),
                   {"target_group", "targets", "groups", "target_group_arns"}),
       also_called(field("launch", &ScalingGroup::launch, "what an instance is"),
                   {"launch_template", "launch_configuration", "template", "instance"}),
       also_called(field("min", &ScalingGroup::min, "fewest instances", between(0, 10000)),
                   {"min_size", "minimum", "min_replicas", "min_instances", "min_capacity"}),
       also_called(field("max", &ScalingGroup::max, "most instances", between(0, 10000)),
                   {"max_size", "maximum", "max_replicas", "max_instances", "max_capacity"}),
       also_called(field("desired", &ScalingGroup::desired,
                         "instances at first; afterwards the autoscaler or `weir scale` decides"),
                   {"desired_capacity", "replicas", "desired_size", "count", "instances", "size"}),
       also_called(field("warm_up", &ScalingGroup::warm_up,
                         "after becoming healthy, before it counts in metrics", between(0s, 24h)),
                   {"warmup", "instance_warmup", "estimated_instance_warmup"}),
       also_called(
           field("idle_timeout", &ScalingGroup::idle_timeout,
                 "with min 0: without a request this long, to zero", between(1ms, kLongest)),
           {"scale_to_zero_after", "idle"}),
       field("drain_limit", &ScalingGroup::drain_limit,
             "bounds the wait for the last stream; default: none", between(0s, kLongest)),
       also_called(field("termination_policies", &ScalingGroup::termination_policies,
                         "who goes first in a scale-in; each breaks the ties of the one before",
                         one_of({"least_work", "default", "oldest_instance", "newest_instance",
                                 "oldest_launch_template", "closest_to_next_instance_hour",
                                 "allocation_strategy"})),
                   {"termination_policy"}),
       also_called(field("termination_command", &ScalingGroup::termination_command,
                         "is asked who goes first in a scale-in; where it fails, "
                         "termination_policies decide"),
                   {"custom_termination_policy"}),
       also_called(field("protect_new_instances", &ScalingGroup::protect_new_instances,
                         "from scale-in, until weir protect --off"),
                   {"new_instances_protected_from_scale_in", "scale_in_protection"}),
       also_called(field("health", &ScalingGroup::health,
                         "targets: its target groups' checks say it; process: it serves from its "
                         "start until it ends, as EC2's own checks have it",
                         one_of({"targets", "process"})),
                   {"health_check_type"}),
       also_called(field("health_check_grace", &ScalingGroup::health_check_grace,
                         "in service, before failing checks replace an instance", between(0s, 24h)),
                   {"health_check_grace_period", "grace_period"}),
       also_called(
           field("suspended", &ScalingGroup::suspended,
                 "what is not done for now: starts, ends, replacements, what policies wish, "
                 "what a schedule says, moves between zones",
                 one_of({"launch", "terminate", "replace_unhealthy", "policies", "scheduled",
                         "rebalance"})),
           {"suspended_processes"}),
       also_called(field("policies", &ScalingGroup::policies, "what decides on their number"),
                   {"policy", "scaling_policies", "scaling", "autoscaling"}),
       also_called(field("scale_out", &ScalingGroup::scale_out, "how fast policies may add"),
                   {"scale_up"}),
       also_called(field("scale_in", &ScalingGroup::scale_in, "how fast policies may take away"),
                   {"scale_down"}),
       also_called(
           field("mix", &ScalingGroup::mix,
                 "several kinds of instances; min, max and desired then count their weights"),
           {"mixed_instances", "mixed_instances_policy"}),
       also_called(field("price", &ScalingGroup::price,
                         "of an instance per hour, in any currency; in a mix each has its own",
                         between(0, 1'000'000)),
                   {"price_per_hour", "cost"}),
       field("spot", &ScalingGroup::spot,
             "its instances may be taken away at short notice; in a mix each says so itself"),
       field("interruption", &ScalingGroup::interruption,
             "how the end of its spot instances is announced"),
       field("sharing", &ScalingGroup::sharing,
             "who gives way where scaling groups compete for devices"),
       also_called(field("lifecycle_hooks", &ScalingGroup::lifecycle_hooks,
                         "what has to be done before an instance serves, or ends"),
                   {"hooks"}),
       field("warm_pool", &ScalingGroup::warm_pool, "instances that are started ahead"),
       also_called(field("max_instance_lifetime", &ScalingGroup::max_instance_lifetime,
                         "then an instance is replaced; default: never", between(1s, kLongest)),
                   {"maximum_instance_lifetime", "max_lifetime"}),
       also_called(field("maintenance", &ScalingGroup::maintenance,
                         "how instances are replaced, in percent of desired"),
                   {"instance_maintenance_policy", "maintenance_policy"}),
       also_called(field("instance_refresh", &ScalingGroup::instance_refresh,
                         "how all of them are replaced after a change of launch"),
                   {"refresh", "rolling_update", "update"}),
       also_called(field("zones", &ScalingGroup::zones,
                         "instances are spread over them; default: launch.zone alone"),
                   {"availability_zones"})});
  return type;
}

const config::Type& config_type(const Admin*) {
  static const auto type = struct_type<Admin>(
      "map",
      {also_called(field("bind", &Admin::bind, "console, metrics and API",
                         required("bind: 127.0.0.1:9901"), is(syntax::bind_address)),
                   {"listen", "address", "port", "addr"}),
       field("socket", &Admin::socket, "Unix socket for changes; default: next to the state file",
             is(syntax::socket_path)),
       also_called(field("token_file", &Admin::token_file,
                         "file of mode 0600 with a bearer token that may change things "
                         "over TCP",
                         is(syntax::file_path)),
                   {"token", "token_path", "bearer_token"}),
       also_called(field("hosts", &Admin::hosts,
                         "names under which it is reached over TCP, such as weir.example.com; "
                         "addresses, localhost and the name of bind always are"),
                   {"names", "server_name", "host", "allowed_hosts"}),
       field("anonymous", &Admin::anonymous,
             "AWS calls need no access key: whoever reaches it may do everything; only where bind "
             "is a loopback address")});
  return type;
}

const config::Type& config_type(const State*) {
  static const auto type = struct_type<State>(
      "map", {also_called(field("path", &State::path, "the database of desired state and instances",
                                required("path: /var/lib/weir/state.db"), is(syntax::file_path)),
                          {"file", "db", "database"}),
              also_called(field("logs", &State::logs,
                                "folder of instance logs; default: logs/ next to the state file"),
                          {"log_dir", "logs_dir"})});
  return type;
}

const config::Type& config_type(const AccessLog*) {
  static const auto type = struct_type<AccessLog>(
      "map",
      {also_called(field("path", &AccessLog::path, "the file; empty: none", is(syntax::file_path)),
                   {"file", "output"}),
       field("format", &AccessLog::format, "of its lines", one_of({"json", "alb"}))});
  return type;
}

const config::Type& config_type(const Log*) {
  static const auto type = struct_type<Log>(
      "map",
      {field("level", &Log::level, "what is written", one_of({"debug", "info", "warn", "error"})),
       field("format", &Log::format, "of its lines", one_of({"text", "json"})),
       also_called(field("file", &Log::file, "empty: standard error", is(syntax::file_path)),
                   {"path", "output"})});
  return type;
}

const config::Type& config_type(const Desired*) {
  static const auto type = struct_type<Desired>(
      "map",
      {also_called(field("admin", &Desired::admin, "the door for operators"), {"api", "console"}),
       also_called(field("aws", &Desired::aws, "the AWS API of the admin listener"), {"amazon"}),
       also_called(field("state", &Desired::state, "what weir remembers"), {"store", "storage"}),
       also_called(field("access_log", &Desired::access_log, "a line per request"),
                   {"access_logs", "request_log"}),
       also_called(field("log", &Desired::log, "weir's own log"), {"logging", "logs"}),
       also_called(field("workers", &Desired::workers, "data-plane threads; 0 is one a core",
                         between(0, 1024)),
                   {"threads", "worker_processes", "nbthread"}),
       also_called(field("ports", &Desired::ports,
                         "for instances; outside the kernel's ip_local_port_range",
                         required("ports: 20000-29999"), is(syntax::port_range, "1024-65535")),
                   {"port_range"}),
       also_called(field("devices", &Desired::devices,
                         "what gpus: is given out of, as CUDA_VISIBLE_DEVICES names them"),
                   {"gpus", "gpu_devices"}),
       field("nvidia_smi", &Desired::nvidia_smi,
             "the program that tells how busy devices are: a path, or a name that is looked up in "
             "PATH; empty: none is asked"),
       field("drain_timeout", &Desired::drain_timeout,
             "at SIGTERM, bounds the wait for the last stream; 0 is none", between(0s, kLongest)),
       also_called(field("simulation", &Desired::simulation,
                         "how weir simulate and weir recommend play its servers; a running weir "
                         "takes no notice of it"),
                   {"simulate", "simulator"}),
       also_called(field("zone", &Desired::zone, "where this weir is, as its endpoints' zones"),
                   {"availability_zone"}),
       also_called(field("cross_zone", &Desired::cross_zone,
                         "which zones a request may go to where a target group does not say: on, "
                         "off or spill",
                         one_of({"on", "off", "spill"})),
                   {"cross_zone_load_balancing"}),
       also_called(field("listeners", &Desired::listeners, "where traffic comes in, by name"),
                   {"listener", "frontends", "servers", "frontend", "load_balancers"}),
       also_called(
           field("target_groups", &Desired::target_groups, "where it goes, by name"),
           {"target_group", "backends", "upstreams", "clusters", "backend", "pools", "services"}),
       also_called(
           field("scaling_groups", &Desired::scaling_groups, "who makes endpoints for it, by name"),
           {"scaling_group", "auto_scaling_groups", "autoscaling_groups", "asg", "autoscaling"}),
       also_called(field("notifications", &Desired::notifications,
                         "who is told of events, by name; of the served file alone"),
                   {"notification", "webhooks", "notify"}),
       also_called(field("metrics", &Desired::metrics,
                         "computed of others, by name, such as waiting{target_group=ocr} / "
                         "instances{scaling_group=ocr}; of the served file alone"),
                   {"expressions", "metric_math"}),
       also_called(
           field("alarms", &Desired::alarms, "what is watched and what is done then, by name"),
           {"alarm", "alerts"}),
       later("zones"),
       later("regions"),
       later("cache"),
       later("certificates")});
  return type;
}

namespace {

const std::vector<config::ManualEntry>& entries() {
  static const auto entries = config::manual(config::type_of<Desired>());
  return entries;
}

}  // namespace

std::optional<std::string> describe(std::string_view key) {
  return config::describe(entries(), key);
}

std::string config_reference() { return config::reference(entries()); }

}  // namespace weir
