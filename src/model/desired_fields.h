// desired_fields: the tables of all config keys. They decode, check, encode and explain.
//
// To add a key: the member in desired.h, its row in desired_fields_*.cc, then WEIR_WRITE=1
// model_test writes docs/reference/config.md anew. Immutable; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/type.h"
#include "model/desired.h"

namespace weir {

inline constexpr Duration kLongest = 24h * 365;  // a longer time is a mistake

const config::Type& config_type(const Rate*);
const config::Type& config_type(const RateLimit*);
const config::Type& config_type(const RouteRetry*);
const config::Type& config_type(const RouteTimeouts*);
const config::Type& config_type(const Hedge*);
const config::Type& config_type(const AdaptiveConcurrency*);
const config::Type& config_type(const Match*);
const config::Type& config_type(const Forward*);
const config::Type& config_type(const Redirect*);
const config::Type& config_type(const Respond*);
const config::Type& config_type(const Action*);
const config::Type& config_type(const Access*);
const config::Type& config_type(const HeaderEdits*);
const config::Type& config_type(const Headers*);
const config::Type& config_type(const Rewrite*);
const config::Type& config_type(const Mirror*);
const config::Type& config_type(const Rule*);
const config::Type& config_type(const ListenerLimits*);
const config::Type& config_type(const TlsCertificate*);
const config::Type& config_type(const MutualAuthentication*);
const config::Type& config_type(const ListenerTls*);
const config::Type& config_type(const Listener*);
const config::Type& config_type(const StaticEndpoint*);
const config::Type& config_type(const Algorithm*);
const config::Type& config_type(const Queue*);
const config::Type& config_type(const HealthCheck*);
const config::Type& config_type(const SuccessRateOutlier*);
const config::Type& config_type(const SlowOutlier*);
const config::Type& config_type(const HungOutlier*);
const config::Type& config_type(const Outlier*);
const config::Type& config_type(const CircuitBreaker*);
const config::Type& config_type(const Retry*);
const config::Type& config_type(const Timeouts*);
const config::Type& config_type(const Stickiness*);
const config::Type& config_type(const EndpointTls*);
const config::Type& config_type(const TargetGroup*);
const config::Type& config_type(const ServerModel*);
const config::Type& config_type(const Simulation*);
const config::Type& config_type(const InstanceSize*);
const config::Type& config_type(const Launch*);
const config::Type& config_type(const TargetTracking*);
const config::Type& config_type(const Alarm*);
const config::Type& config_type(const StepAdjustment*);
const config::Type& config_type(const StepScaling*);
const config::Type& config_type(const SimpleScaling*);
const config::Type& config_type(const Slo*);
const config::Type& config_type(const Predictive*);
const config::Type& config_type(const Scheduled*);
const config::Type& config_type(const Policy*);
const config::Type& config_type(const PaceLimit*);
const config::Type& config_type(const Pace*);
const config::Type& config_type(const LaunchOverrides*);
const config::Type& config_type(const Interruption*);
const config::Type& config_type(const InstanceTemplate*);
const config::Type& config_type(const Mix*);
const config::Type& config_type(const Sharing*);
const config::Type& config_type(const LifecycleHook*);
const config::Type& config_type(const TerminationCommand*);
const config::Type& config_type(const WarmPool*);
const config::Type& config_type(const Maintenance*);
const config::Type& config_type(const RefreshOptions*);
const config::Type& config_type(const ScalingGroup*);
const config::Type& config_type(const AlarmAction*);
const config::Type& config_type(const AlarmResource*);
const config::Type& config_type(const Webhook*);
const config::Type& config_type(const Notification*);
const config::Type& config_type(const Admin*);
const config::Type& config_type(const Aws*);
const config::Type& config_type(const State*);
const config::Type& config_type(const AccessLog*);
const config::Type& config_type(const Log*);
const config::Type& config_type(const Desired*);

// The rows of an Alarm that stands at `offset` of a struct.
std::vector<config::Field> alarm_fields(std::size_t offset);

// What a key means: `target_groups.ocr.queue`, `queue.length` or `max_in_flight`.
std::optional<std::string> describe(std::string_view key);
// All keys as Markdown: docs/reference/config.md.
std::string config_reference();

}  // namespace weir
