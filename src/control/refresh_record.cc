#include "control/refresh_record.h"

#include <nlohmann/json.hpp>

#include "control/json_time.h"

namespace weir::control {
namespace {

using Json = nlohmann::json;

std::optional<WallTime> time_of(const Json& json, const char* key) {
  if (!json.contains(key)) return std::nullopt;
  return wall_of(json.value(key, std::int64_t{0}));
}

Json json_of(const RefreshOptions& options) {
  Json json{{"checkpoints", options.checkpoints},
            {"checkpoint_delay", options.checkpoint_delay.count()},
            {"canary", options.canary},
            {"skip_matching", options.skip_matching},
            {"auto_rollback", options.auto_rollback},
            {"alarms", options.alarms},
            {"protected", static_cast<int>(options.protected_instances)},
            {"standby", static_cast<int>(options.standby_instances)}};
  if (options.warm_up) json["warm_up"] = options.warm_up->count();
  if (options.maintenance) {
    json["min_healthy"] = options.maintenance->min_healthy;
    json["max_healthy"] = options.maintenance->max_healthy;
  }
  return json;
}

RefreshOptions options_of(const Json& json) {
  RefreshOptions options;
  if (!json.is_object()) return options;
  if (json.contains("min_healthy")) {
    options.maintenance =
        Maintenance{json.value("min_healthy", 100u), json.value("max_healthy", 110u)};
  }
  options.checkpoints = json.value("checkpoints", options.checkpoints);
  options.checkpoint_delay =
      Duration(json.value("checkpoint_delay", options.checkpoint_delay.count()));
  options.canary = json.value("canary", options.canary);
  options.skip_matching = json.value("skip_matching", options.skip_matching);
  options.auto_rollback = json.value("auto_rollback", options.auto_rollback);
  options.alarms = json.value("alarms", options.alarms);
  options.protected_instances = static_cast<Spared>(json.value("protected", 1));
  options.standby_instances = static_cast<Spared>(json.value("standby", 0));
  if (json.contains("warm_up")) options.warm_up = Duration(json.value("warm_up", std::int64_t{0}));
  return options;
}

}  // namespace

Json json_of(const scale::Refresh& refresh) {
  Json json{{"number", refresh.number},           {"status", static_cast<int>(refresh.status)},
            {"version", refresh.version},         {"before", refresh.before},
            {"replaced", refresh.replaced},       {"checkpoint", refresh.checkpoint},
            {"reason", refresh.reason},           {"started", ns_of(refresh.started)},
            {"options", json_of(refresh.options)}};
  if (refresh.total) json["total"] = *refresh.total;
  if (refresh.ended) json["ended"] = ns_of(*refresh.ended);
  if (refresh.waiting_since) json["waiting_since"] = ns_of(*refresh.waiting_since);
  if (refresh.blocked_since) json["blocked_since"] = ns_of(*refresh.blocked_since);
  return json;
}

scale::Refresh refresh_of(const Json& json) {
  scale::Refresh refresh;
  if (!json.is_object()) return refresh;
  refresh.number = json.value("number", 0u);
  refresh.status = static_cast<scale::Refresh::Status>(json.value("status", 0));
  refresh.version = json.value("version", 1u);
  refresh.before = json.value("before", 1u);
  refresh.replaced = json.value("replaced", 0u);
  refresh.checkpoint = json.value("checkpoint", std::size_t{0});
  refresh.reason = json.value("reason", "");
  refresh.started = WallTime(Duration(json.value("started", std::int64_t{0})));
  refresh.options = options_of(json.value("options", Json::object()));
  if (json.contains("total")) refresh.total = json.value("total", 0u);
  refresh.ended = time_of(json, "ended");
  refresh.waiting_since = time_of(json, "waiting_since");
  refresh.blocked_since = time_of(json, "blocked_since");
  return refresh;
}

}  // namespace weir::control
