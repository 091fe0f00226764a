#include "control/records.h"

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/log.h"
#include "base/units.h"
#include "control/json_time.h"
#include "control/refresh_record.h"

namespace weir::control {
namespace {

using Json = nlohmann::json;

constexpr const char* kGroupState = "scaling_state";
constexpr const char* kAlarmState = "alarm_state";
constexpr const char* kLearned = "learned";
constexpr const char* kRequests = "requests";
constexpr const char* kLoad = "load";

std::string subject_of(const std::string& group) { return "scaling_group/" + group; }

// The history of an alarm stands beside those of scaling groups, whose names have no '/'.
std::string history_of(const std::string& alarm) { return "alarm/" + alarm; }

scale::AlarmState state_or(const Json& json, const char* key, scale::AlarmState other) {
  return scale::parse_state_word(json.value(key, "")).value_or(other);
}

Json json_of_hooks(const std::vector<HookRecord>& hooks) {
  Json all = Json::array();
  for (const HookRecord& hook : hooks) {
    Json one{{"name", hook.name},
             {"token", hook.token},
             {"begun", ns_of(hook.begun)},
             {"heartbeat", ns_of(hook.heartbeat)}};
    if (hook.result) one["result"] = static_cast<int>(*hook.result);
    all.push_back(std::move(one));
  }
  return all;
}

std::vector<HookRecord> hooks_of(const Json& json) {
  std::vector<HookRecord> hooks;
  for (const Json& one : json.value("hooks", Json::array())) {
    if (!one.is_object()) continue;
    HookRecord hook;
    hook.name = one.value("name", "");
    hook.token = one.value("token", "");
    hook.begun = wall_of(one.value("begun", std::int64_t{0}));
    hook.heartbeat = wall_of(one.value("heartbeat", std::int64_t{0}));
    if (one.contains("result")) hook.result = static_cast<HookResult>(one.value("result", 0));
    hooks.push_back(std::move(hook));
  }
  return hooks;
}

std::string body_of(const InstanceRecord& r) {
  return Json{{"state", static_cast<int>(r.state)},
              {"cause", static_cast<int>(r.cause)},
              {"version", r.version},
              {"generation", r.generation},
              {"from_pool", r.from_pool},
              {"hooks", json_of_hooks(r.hooks)},
              {"launched", ns_of(r.launched)},
              {"state_since", ns_of(r.state_since)},
              {"in_service_since", ns_of(r.in_service_since)},
              {"protected", r.is_protected},
              {"zone", r.zone},
              {"launch_template", r.launch_template},
              {"noticed_at", ns_of(r.noticed_at)},
              {"ends_at", ns_of(r.ends_at)},
              {"provider", r.provider},
              {"body", r.body}}
      .dump();
}

Json to_json(const scale::Ledger& ledger) {
  return Json{{"since", ns_of(ledger.since)},
              {"at", ns_of(ledger.at)},
              {"instances", ledger.last.instances},
              {"per_hour", ledger.last.per_hour},
              {"peak_instances", ledger.peak.instances},
              {"peak_per_hour", ledger.peak.per_hour},
              {"instance_hours", ledger.total.instance_hours},
              {"money", ledger.total.money},
              {"day", ledger.day},
              {"day_instance_hours", ledger.today.instance_hours},
              {"day_money", ledger.today.money}};
}

scale::Ledger ledger_of(const Json& json) {
  scale::Ledger ledger;
  ledger.since = wall_of(json.value("since", std::int64_t{0}));
  ledger.at = wall_of(json.value("at", std::int64_t{0}));
  ledger.last = {json.value("instances", 0u), json.value("per_hour", 0.0)};
  ledger.peak = {json.value("peak_instances", 0u), json.value("peak_per_hour", 0.0)};
  ledger.total = {json.value("instance_hours", 0.0), json.value("money", 0.0)};
  ledger.day = json.value("day", std::int64_t{0});
  ledger.today = {json.value("day_instance_hours", 0.0), json.value("day_money", 0.0)};
  return ledger;
}

std::string body_of(const ActivityStatus& a) {
  return Json{{"status", a.status},
              {"description", a.description},
              {"cause", a.cause},
              {"instance", a.instance}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Records::Records(net::Reactor& reactor, std::unique_ptr<state::Store> store)
    : reactor_(reactor), store_(std::move(store)) {}

Result<std::vector<InstanceRecord>> Records::load_instances() {
  TRY(const auto rows, background_.call([this] { return store_->instances(); }));
  std::vector<InstanceRecord> result;
  for (const state::Instance& row : rows) {
    const Json json = Json::parse(row.body, nullptr, false);
    if (!json.is_object()) continue;
    InstanceRecord record;
    record.id = row.id;
    record.group = row.group;
    record.state = static_cast<scale::Lifecycle>(json.value("state", 0));
    record.cause = static_cast<scale::Cause>(json.value("cause", 0));
    record.version = json.value("version", 1u);
    record.generation = json.value("generation", 0u);
    record.from_pool = json.value("from_pool", false);
    record.hooks = hooks_of(json);
    record.launched = wall_of(json.value("launched", std::int64_t{0}));
    record.state_since = wall_of(json.value("state_since", std::int64_t{0}));
    record.in_service_since = wall_of(json.value("in_service_since", std::int64_t{0}));
    record.is_protected = json.value("protected", false);
    record.zone = json.value("zone", "");
    record.launch_template = json.value("launch_template", "");
    record.noticed_at = wall_of(json.value("noticed_at", std::int64_t{0}));
    record.ends_at = wall_of(json.value("ends_at", std::int64_t{0}));
    record.provider = json.value("provider", "process");
    record.body = json.value("body", "");
    result.push_back(std::move(record));
  }
  return result;
}

Result<std::map<std::string, GroupRecord>> Records::load_groups() {
  TRY(const auto rows, background_.call([this] { return store_->list(kGroupState); }));
  std::map<std::string, GroupRecord> result;
  for (const state::Resource& row : rows) {
    const Json json = Json::parse(row.body, nullptr, false);
    if (!json.is_object()) continue;
    GroupRecord& record = result[row.key.name];
    record.desired = json.value("desired", 0u);
    record.version = json.value("version", 1u);
    record.launch = json.value("launch", "");
    if (json.contains("ledger")) record.ledger = ledger_of(json["ledger"]);
    if (json.contains("scheduled")) {
      record.scheduled = wall_of(json.value("scheduled", std::int64_t{0}));
    }
    if (const Json raised = json.value("raised", Json()); raised.is_object()) {
      record.raised = scale::Raised{raised.value("from", 0u), raised.value("to", 0u)};
    }
    for (const auto& [version, text] :
         json.value("earlier", std::map<std::string, std::string>())) {
      record.earlier[static_cast<std::uint32_t>(std::strtoul(version.c_str(), nullptr, 10))] = text;
    }
    if (json.contains("refresh")) record.refresh = refresh_of(json["refresh"]);
  }
  return result;
}

Result<std::vector<state::Resource>> Records::load_resources(const std::string& kind) {
  return background_.call([&] { return store_->list(kind); });
}

Result<std::vector<state::Resource>> Records::load_all(const std::string& kinds) {
  return background_.call([&] { return store_->list_all(kinds); });
}

std::vector<ActivityStatus> Records::load_activities(const std::string& group, std::size_t limit) {
  std::vector<ActivityStatus> result;
  const auto rows = background_.call([&] {
    return store_ ? store_->activities(group, limit)
                  : Result<std::vector<state::Activity>>(std::vector<state::Activity>());
  });
  if (!rows) return result;
  for (const state::Activity& row : *rows) {
    const Json json = Json::parse(row.body, nullptr, false);
    if (!json.is_object()) continue;
    result.push_back(ActivityStatus{row.at, json.value("status", ""), json.value("description", ""),
                                    json.value("cause", ""), json.value("instance", "")});
  }
  return result;
}

Result<> Records::write(const state::Change& change) {
  if (!store_) return fail(Code::unavailable, "another weir has the state store now");
  return store_->commit(change);
}

void Records::close() {
  background_.call([this] {
    store_.reset();
    return true;
  });
}

Result<> Records::reopen(const std::string& path) {
  return background_.call([&]() -> Result<> {
    TRY(store_, state::Store::open(path));
    return {};
  });
}

Task<Result<>> Records::commit(state::Change change) {
  std::function<Result<>()> work = [this, change = std::move(change)] { return write(change); };
  auto run = background_.run<Result<>>(reactor_, std::move(work));
  co_return co_await run;
}

Task<Result<>> Records::save(InstanceRecord record) {
  state::Change change;
  change.put_instances.push_back(state::Instance{record.id, record.group, body_of(record)});
  co_return co_await commit(std::move(change));
}

// Not awaited: what is lost with the disk heals when the record is read beside what lives.
void Records::post(std::string what, state::Change change) {
  background_.post([this, what = std::move(what), change = std::move(change)] {
    if (const auto done = write(change); !done) {
      LOG(error, "not recorded", {"what", what}, {"error", done.error().message});
    }
  });
}

void Records::forget(const std::string& instance) {
  state::Change change;
  change.remove_instances.push_back(instance);
  post("the end of instance " + instance, std::move(change));
}

namespace {

state::Change change_of(const std::string& group, const GroupRecord& record) {
  state::Change change;
  state::Resource resource;
  resource.key.kind = kGroupState;
  resource.key.name = group;
  resource.origin = "weir";
  Json body{{"desired", record.desired}, {"version", record.version}, {"launch", record.launch}};
  if (record.ledger.since != WallTime()) body["ledger"] = to_json(record.ledger);
  if (record.scheduled) body["scheduled"] = ns_of(*record.scheduled);
  if (record.raised) body["raised"] = {{"from", record.raised->from}, {"to", record.raised->to}};
  for (const auto& [version, text] : record.earlier)
    body["earlier"][std::to_string(version)] = text;
  if (record.refresh) body["refresh"] = json_of(*record.refresh);
  resource.body = body.dump();
  change.put.push_back(std::move(resource));
  return change;
}

state::Change removal(const char* kind, const std::string& name) {
  state::Change change;
  state::Key key;
  key.kind = kind;
  key.name = name;
  change.remove.push_back(std::move(key));
  return change;
}

}  // namespace

void Records::save(const std::string& group, const GroupRecord& record) {
  post("the desired capacity of group " + group, change_of(group, record));
}

Task<Result<>> Records::commit(std::string group, GroupRecord record) {
  co_return co_await commit(change_of(group, record));
}

void Records::forget_group(const std::string& group) {
  state::Change change = removal(kGroupState, group);
  change.remove.push_back(removal(kLearned, group).remove.front());
  post("the end of group " + group, std::move(change));
}

LearnedRecord Records::load_learned(const std::string& group) {
  state::Key key;
  key.kind = kLearned;
  key.name = group;
  const auto row = background_.call([&] {
    return store_ ? store_->get(key)
                  : Result<std::optional<state::Resource>>(std::optional<state::Resource>());
  });
  return row && *row ? learned_of((*row)->body) : LearnedRecord();
}

void Records::save(const std::string& group, const LearnedRecord& record) {
  state::Resource resource;
  resource.key.kind = kLearned;
  resource.key.name = group;
  resource.origin = "weir";
  resource.body = text_of(record);
  state::Change change;
  change.put.push_back(std::move(resource));
  post("what the policies of group " + group + " have learned", std::move(change));
}

void Records::add_to_history(state::Activity row) {
  background_.post([this, row = std::move(row)] {
    if (const auto done = store_ ? store_->append({row}) : Result<>(); !done) {
      LOG(error, "history not recorded", {"of", row.group}, {"error", done.error().message});
    }
  });
}

void Records::append(const std::string& group, const ActivityStatus& activity) {
  state::Activity row;
  row.group = group;
  row.at = activity.time;
  row.body = body_of(activity);
  add_to_history(std::move(row));
}

void Records::append(std::vector<state::Point> points) {
  background_.post([this, points = std::move(points)] {
    if (const auto done = store_ ? store_->append(points) : Result<>(); !done) {
      LOG(error, "metrics not recorded", {"error", done.error().message});
    }
  });
}

Task<Result<std::vector<state::Point>>> Records::load_points(std::string metric, WallTime from) {
  using Points = Result<std::vector<state::Point>>;
  std::function<Points()> work = [this, metric = std::move(metric), from]() -> Points {
    if (!store_) return fail(Code::unavailable, "another weir has the state store now");
    return store_->points(metric, from);
  };
  auto run = background_.run<Points>(reactor_, std::move(work));
  co_return co_await run;
}

// ---------------------------------------------------------------- alarms

std::optional<AlarmRecord> Records::load_alarm(const std::string& alarm, std::size_t limit) {
  state::Key key;
  key.kind = kAlarmState;
  key.name = alarm;
  const auto row = background_.call([&] {
    return store_ ? store_->get(key)
                  : Result<std::optional<state::Resource>>(std::optional<state::Resource>());
  });
  if (!row || !*row) return std::nullopt;
  const Json json = Json::parse((*row)->body, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  AlarmRecord record;
  record.state = state_or(json, "state", scale::AlarmState::insufficient_data);
  record.since = wall_of(json.value("since", std::int64_t{0}));
  record.reason = json.value("reason", "");
  const auto rows = background_.call([&] {
    return store_ ? store_->activities(history_of(alarm), limit)
                  : Result<std::vector<state::Activity>>(std::vector<state::Activity>());
  });
  if (!rows) return record;
  for (const state::Activity& one : *rows) {
    const Json line = Json::parse(one.body, nullptr, false);
    if (!line.is_object()) continue;
    record.history.push_back({alarm, one.at,
                              state_or(line, "from", scale::AlarmState::insufficient_data),
                              state_or(line, "to", scale::AlarmState::insufficient_data),
                              line.value("reason", ""), line.value("by_hand", false)});
  }
  return record;
}

void Records::save_alarm(const scale::AlarmChange& change, WallTime since) {
  const auto text = [](const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  state::Resource resource;
  resource.key.kind = kAlarmState;
  resource.key.name = change.alarm;
  resource.origin = "weir";
  resource.body = text(Json{{"state", std::string(state_word(change.to))},
                            {"since", ns_of(since)},
                            {"reason", change.reason}});
  state::Change put;
  put.put.push_back(std::move(resource));
  post("the state of alarm " + change.alarm, std::move(put));
  state::Activity row;
  row.group = history_of(change.alarm);
  row.at = change.at;
  row.body = text(Json{{"from", std::string(state_word(change.from))},
                       {"to", std::string(state_word(change.to))},
                       {"reason", change.reason},
                       {"by_hand", change.by_hand}});
  add_to_history(std::move(row));
}

Task<> Records::settled() {
  std::function<bool()> work = [] { return true; };
  auto run = background_.run<bool>(reactor_, std::move(work));
  co_await run;
}

void Records::forget_alarm(const std::string& alarm) {
  post("the end of alarm " + alarm, removal(kAlarmState, alarm));
}

std::vector<scale::DemandMinute> Records::load_demand(const std::string& group) {
  std::map<WallTime, scale::DemandMinute> minutes;
  const auto read = [&](const char* metric, double scale::DemandMinute::* member) {
    const auto rows = background_.call([&] {
      return store_ ? store_->minutes(subject_of(group), metric)
                    : Result<std::vector<state::Minute>>(std::vector<state::Minute>());
    });
    if (!rows) return;
    for (const state::Minute& row : *rows) {
      minutes[row.at].at = row.at;
      minutes[row.at].*member = row.value;
    }
  };
  read(kRequests, &scale::DemandMinute::requests);
  read(kLoad, &scale::DemandMinute::load);
  std::vector<scale::DemandMinute> result;
  for (const auto& [at, minute] : minutes) result.push_back(minute);
  return result;
}

void Records::append(const std::string& group, const scale::DemandMinute& minute) {
  std::vector<state::Minute> rows = {{subject_of(group), kRequests, minute.at, minute.requests},
                                     {subject_of(group), kLoad, minute.at, minute.load}};
  background_.post([this, rows = std::move(rows)] {
    if (const auto done = store_ ? store_->append(rows) : Result<>(); !done) {
      LOG(error, "demand not recorded", {"error", done.error().message});
    }
  });
}

}  // namespace weir::control
