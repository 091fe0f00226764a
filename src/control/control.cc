#include "control/control.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "base/units.h"
#include "control/cookie_key.h"
#include "model/slots.h"
#include "net/transparent.h"
#include "tls/inspect.h"

namespace weir::control {
namespace {

Mistake whole_file(const std::string& path, std::string where, std::string what) {
  Mistake mistake;
  mistake.file = path;
  mistake.path = std::move(where);
  mistake.what = std::move(what);
  return mistake;
}

std::pair<std::uint16_t, std::uint16_t> port_range(const std::string& text) {
  unsigned first = 20000, last = 29999;
  const auto dash = text.find('-');
  std::from_chars(text.data(), text.data() + std::min(dash, text.size()), first);
  if (dash == std::string::npos) {
    last = first;
  } else {
    std::from_chars(text.data() + dash + 1, text.data() + text.size(), last);
  }
  return {static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last)};
}

std::string logs_folder(const State& state) {
  if (!state.logs.empty()) return state.logs;
  return (std::filesystem::path(state.path).parent_path() / "logs").string();
}

Applied refused(Applied applied) {
  for (const Mistake& mistake : applied.mistakes) {
    LOG(error, "config refused", {"mistake", to_string(mistake)});
  }
  return applied;
}

Task<Result<>> unknown_instance(std::string id) {
  co_return fail(Code::not_found, "no instance " + id);
}

// What a reload cannot change in a running process.
std::vector<std::string> notes_of(const Desired& from, const Desired& to) {
  std::vector<std::string> notes;
  const auto later = [&](bool differs, const char* what) {
    if (differs) notes.push_back(std::string(what) + " takes effect at the next start");
  };
  later(from.workers != to.workers, "workers");
  later(!(from.admin == to.admin), "admin");
  later(!(from.state == to.state), "state");
  later(!(from.log == to.log), "log");
  later(!(from.access_log == to.access_log), "access_log");
  return notes;
}

}  // namespace

Control::Control(net::Reactor& reactor, std::unique_ptr<state::Store> store, Outside outside,
                 std::vector<net::Inherited> inherited, std::size_t workers)
    : reactor_(reactor),
      events_(reactor.clock()),
      records_(reactor, std::move(store)),
      outside_(std::move(outside)),
      listeners_(std::move(inherited), workers),
      published_(reactor),
      started_(reactor.clock().now()) {}

Control::~Control() = default;

// ---------------------------------------------------------------- changes

Task<Applied> Control::start(std::string path, Loaded loaded) {
  Applied applied;
  applied.mistakes = loaded.mistakes;
  if (!applied.good()) co_return applied;
  desired_.state = loaded.desired.state;
  desired_.ports = loaded.desired.ports;
  desired_.devices = loaded.desired.devices;
  interruptions_ = std::make_unique<InterruptionWatch>(
      reactor_, [this](const std::string& group, const std::string& of, Duration in) {
        if (const auto found = scalers_.find(group); found != scalers_.end()) {
          found->second->interrupt_spot(of, in);
        }
      });
  auto resolver = net::Resolver::make(reactor_);
  if (resolver) {
    resolver_ = std::move(*resolver);
    discovery_ = std::make_unique<Discovery>(reactor_, *resolver_, [this] { want_rebuild(); });
  } else {
    LOG(error, "names cannot be resolved", {"error", resolver.error().message});
  }
  notifier_ = std::make_unique<notify::Notifier>(reactor_, resolver_.get(), system_seed());
  Alarms::Hooks hooks;
  hooks.tell = [this](const std::string& name, const Event& event) {
    notifier_->send(name, event);
  };
  hooks.run = [this](const std::string& group) { ask_scaler(group); };
  alarms_ = std::make_unique<Alarms>(records_, events_, std::move(hooks));
  notifier_hears_ = std::make_unique<Events::Listener>(
      events_, [this](const Event& event) { notifier_->hear(event); });
  if (const auto fleet = start_fleet(); !fleet) {
    applied.mistakes.push_back(whole_file(path, "", fleet.error().message));
    co_return applied;
  }
  path_ = std::move(path);
  if (const auto taken = take_over_store(); !taken) {
    applied.mistakes.push_back(whole_file(path_, "", taken.error().message));
    co_return applied;
  }
  if (const auto keys = access_keys_.load(desired_.state.path); !keys) {
    applied.mistakes.push_back(whole_file(path_, "", keys.error().message));
    co_return applied;
  }
  const Result<SipKey> key = co_await load_cookie_key(records_);
  if (!key) {
    applied.mistakes.push_back(whole_file(path_, "", key.error().message));
    co_return applied;
  }
  builder_.cookie_key(*key);
  if (const auto shifts = load_shifts(); !shifts) {
    applied.mistakes.push_back(whole_file(path_, "", shifts.error().message));
    co_return applied;
  }
  auto changing = change(path_, std::move(loaded), state::Change());
  applied = co_await changing;
  if (!applied.good()) co_return applied;
  background_.spawn(tick());
  ready_ = true;
  co_return applied;
}

Task<Applied> Control::reload() {
  builder_.look_at_files();
  if (!handing_over_) access_keys_.retry();
  // Ten thousand rules take a quarter of a second to read: not on this thread.
  std::function<Loaded()> work = [path = path_] { return load(path, tls::host()); };
  auto reading = files_.run<Loaded>(reactor_, std::move(work));
  Loaded loaded = co_await reading;
  co_return co_await apply(path_, std::move(loaded));
}

Task<Applied> Control::apply(std::string origin, Loaded loaded, state::Change with) {
  auto turn = turns_.take();
  co_await turn;
  if (succeeded_) {
    turns_.pass();
    Applied late;
    late.mistakes.push_back(whole_file(origin, "", "another weir has taken over: ask that one"));
    co_return late;
  }
  Applied applied = co_await change(std::move(origin), std::move(loaded), std::move(with));
  turns_.pass();
  co_return applied;
}

Task<Result<>> Control::record(state::Change change) {
  auto turn = turns_.take();
  co_await turn;
  Result<> done;
  if (succeeded_) {
    done = fail(Code::unavailable, "another weir has taken over: ask that one");
  } else {
    done = co_await records_.commit(std::move(change));
  }
  turns_.pass();
  co_return done;
}

Applied Control::plan(const std::string& origin, const Loaded& loaded) const {
  return planned(origin, loaded).applied;
}

Control::Planned Control::planned(const std::string& origin, const Loaded& loaded) const {
  Planned result;
  result.applied.mistakes = loaded.mistakes;
  if (!result.applied.good()) return result;
  result.next = ownership_.merge(desired_, loaded.desired, origin, origin == path_);
  // The file alone is valid; with what others own it may not be.
  if (!(result.next == loaded.desired)) result.applied.mistakes = mistakes_of(result.next);
  result.applied.differences = differences(desired_, result.next);
  result.applied.notes = notes_of(desired_, result.next);
  return result;
}

// What an earlier process was told by others than the file; the file wins for what it declares.
Result<> Control::take_over_store() {
  Result<> read;
  for_each_kind([&](const char* kind, auto part) {
    const auto rows = records_.load_resources(kind);
    if (!rows && read) read = tl::unexpected(rows.error());
    if (!rows) return;
    for (const state::Resource& row : *rows) {
      // Its references may be elsewhere: only what can't be read at all is left out.
      (desired_.*part).merge(load_json(row.body, "the store").desired.*part);
      ownership_.note(kind, row.key.name, row.origin);
    }
  });
  return read;
}

Task<Applied> Control::change(std::string origin, Loaded loaded, state::Change with) {
  const Time began = reactor_.clock().now();
  auto [applied, next] = planned(origin, loaded);
  if (!applied.good()) co_return refused(std::move(applied));
  for (const auto& [name, group] : next.target_groups) {
    if (!group.preserve_client_ip) continue;
    if (const auto able = net::may_be_transparent(); !able) {
      applied.mistakes.push_back(whole_file(origin, "target_groups." + name + ".preserve_client_ip",
                                            able.error().message));
    }
  }
  // What can fail comes first: a bad certificate or an address in use must not leave half a change
  // behind.
  for (const auto& problem : builder_.prepare_tls(next)) {
    applied.mistakes.push_back(whole_file(origin, problem.where, problem.what));
  }
  if (!applied.good()) co_return refused(std::move(applied));
  for (const auto& problem : listeners_.update(next.listeners)) {
    applied.mistakes.push_back(
        whole_file(origin, "listeners." + problem.listener + ".bind", problem.error.message));
  }
  if (!applied.good()) co_return refused(std::move(applied));
  auto commit = difference_for_store(next, loaded.desired, origin, std::move(with));
  if (const auto done = co_await records_.commit(std::move(commit)); !done) {
    listeners_.update(desired_.listeners);
    applied.mistakes.push_back(whole_file(origin, "", "not stored: " + done.error().message));
    co_return refused(std::move(applied));
  }
  ownership_.update(next, loaded.desired, origin);
  desired_ = std::move(next);
  const auto [first, last] = port_range(desired_.ports);
  provider_->supply(first, last, desired_.devices);
  if (discovery_) discovery_->update(desired_.target_groups);
  notifier_->update(desired_.notifications);
  meters_.update(desired_);
  alarms_->update(desired_.alarms, {reactor_.clock().now(), reactor_.clock().wall()});
  update_scalers();
  watch_outside();
  rebuild();
  co_await published();
  LOG(info, "config applied", {"origin", origin}, {"changes", applied.differences.size()},
      {"snapshot", snapshot_->version}, {"ms", seconds(reactor_.clock().now() - began) * 1e3});
  co_return applied;
}

// One row a listener, target group and scaling group; the rest of the file is the process's own.
state::Change Control::difference_for_store(const Desired& next, const Desired& file,
                                            const std::string& origin, state::Change change) const {
  for_each_kind([&](const char* kind, auto part) {
    const auto& before = desired_.*part;
    for (const auto& [name, value] : next.*part) {
      const auto old = before.find(name);
      const bool same = old != before.end() && old->second == value;
      if (!(file.*part).contains(name) || (same && ownership_.owner(kind, name) == origin))
        continue;
      Desired one;
      (one.*part).emplace(name, value);
      state::Resource resource;
      resource.key.kind = kind;
      resource.key.name = name;
      resource.body = export_json(one);
      resource.origin = origin;
      change.put.push_back(std::move(resource));
    }
    for (const auto& [name, value] : before) {
      if ((next.*part).contains(name)) continue;
      state::Key key;
      key.kind = kind;
      key.name = name;
      change.remove.push_back(std::move(key));
    }
  });
  return change;
}

// ---------------------------------------------------------------- fleet

Result<> Control::start_fleet() {
  TRY(const auto instances, records_.load_instances());
  TRY(group_records_, records_.load_groups());
  fleet::Surroundings surroundings{reactor_};
  surroundings.store_id = records_.store_id();
  surroundings.logs = logs_folder(desired_.state);
  std::tie(surroundings.first_port, surroundings.last_port) = port_range(desired_.ports);
  surroundings.devices = desired_.devices;
  for (const InstanceRecord& record : instances) {
    if (!record.body.empty()) surroundings.recorded[record.id] = record.body;
  }
  surroundings.record = [this](std::string instance, std::string body) -> Task<Result<>> {
    for (auto& [name, one] : scalers_) {
      if (one->has(instance)) return one->record(std::move(instance), std::move(body));
    }
    return unknown_instance(std::move(instance));
  };
  surroundings.forget = [](const std::string&) {};  // the scaler forgets the whole record
  TRY(provider_, fleet::make_provider("process", std::move(surroundings)));
  provider_->on_exit = [this](const fleet::Exit& exit) {
    for (auto& [name, one] : scalers_) one->exited(exit);
    reactor_.defer([this] { start_waiting(); });
  };
  adopt_instances(instances);
  return {};
}

void Control::adopt_instances(const std::vector<InstanceRecord>& records) {
  std::map<std::string, fleet::Live> alive;
  for (fleet::Live& live : provider_->list()) alive.emplace(live.instance, live);
  for (const InstanceRecord& record : records) {
    const auto live = alive.find(record.id);
    if (live == alive.end()) {
      LOG(warn, "instance gone meanwhile", {"group", record.group}, {"instance", record.id});
      records_.forget(record.id);
      continue;
    }
    LOG(info, "instance adopted", {"group", record.group}, {"instance", record.id},
        {"pid", live->second.pid}, {"address", live->second.address});
    scaler(record.group).adopt(record, live->second);
  }
}

Scaler& Control::scaler(const std::string& name) {
  auto& known = scalers_[name];
  if (!known) {
    ScalerHost host{
        reactor_,
        records_,
        events_,
        *provider_,
        [this] { want_rebuild(); },
        [this](const std::string& g) { return group(g); },
        outside_.latencies,
        [this](const std::string& g) { return alarms_->runs(g); },
        [this](const std::string& metric, Time second) { return meters_.value(metric, second); },
        held_,
        notifier_->webhooks(),
        [this] {
          Names zones;
          for (const auto& [zone, until] : shifts_.all()) zones.push_back(zone);
          return zones;
        },
        [this] { return alarms_->in_alarm(); },
        [this] { reactor_.defer([this] { share_devices(); }); },
        [this](const std::vector<std::string>& devices) {
          return gpus_ ? gpus_->use_of(devices) : fleet::GpuUse();
        }};
    const auto record = group_records_.find(name);
    known = std::make_unique<Scaler>(name, std::move(host),
                                     record == group_records_.end() ? nullptr : &record->second);
  }
  return *known;
}

void Control::update_scalers() {
  for (const auto& [name, options] : desired_.scaling_groups) {
    Scaler& one = scaler(name);
    if (!(one.options() == options) || one.fresh()) one.update(options);
  }
  for (auto& [name, one] : scalers_) {
    if (desired_.scaling_groups.contains(name)) continue;
    // Its instances drain and end; then it goes.
    ScalingGroup ending = one->options();
    ending.min = ending.max = 0;
    ending.desired = 0;
    one->update(ending);
  }
}

// ---------------------------------------------------------------- each second

Task<> Control::tick() {
  Time next = reactor_.clock().now();
  while (true) {
    next += 1s;
    next = std::max(next, reactor_.clock().now());
    const net::Deadline deadline(next, &closing_);
    const net::Io slept = co_await net::sleep(reactor_, deadline);
    if (slept == net::Io::cancelled) co_return;
    if (handing_over_) continue;
    expire_shifts();
    measure();
    for (auto& [name, one] : scalers_) one->sample();
    start_waiting();
    share_devices();
    std::erase_if(scalers_, [&](auto& row) {
      if (desired_.scaling_groups.contains(row.first) || !row.second->over()) return false;
      records_.forget_group(row.first);
      group_records_.erase(row.first);
      return true;
    });
  }
}

// What runs, then what is computed of it, then what alarms say.
void Control::measure() {
  if (!snapshot_) return;
  const MeterMoment at{reactor_.clock().now(), reactor_.clock().wall()};
  meters_.sample(*snapshot_, outside_.counts ? outside_.counts() : Counts(), outside_.latencies,
                 at);
  for (const auto& [name, one] : scalers_) one->measure(meters_, at.now);
  meters_.compute(at.now);
  if (const auto minute = meters_.close_minute(at)) {
    std::vector<state::Point> points;
    for (const auto& one : minute->means) points.push_back({one.name, minute->begin, one.mean});
    if (!points.empty()) records_.append(std::move(points));
  }
  if (!held_) alarms_->step(meters_, at);
}

void Control::ask_scaler(const std::string& group) {
  const auto found = scalers_.find(group);
  if (found != scalers_.end()) found->second->ask();
}

// ---------------------------------------------------------------- events, the end

void Control::queue_started(const std::string& target_group) { endpoint_changed(target_group); }

void Control::endpoint_changed(const std::string& target_group) {
  for (auto& [name, one] : scalers_) {
    const auto& groups = one->options().target_groups;
    if (std::find(groups.begin(), groups.end(), target_group) != groups.end()) one->ask();
  }
}

Task<bool> Control::stop_instances(net::Deadline deadline) {
  for (auto& [name, one] : scalers_) one->stop_all();
  if (!provider_) co_return true;
  while (!provider_->list().empty()) {
    const net::Deadline next(std::min(deadline.at, reactor_.now() + 20ms), deadline.interrupt);
    co_await net::sleep(reactor_, next);
    if (reactor_.clock().now() >= deadline.at) break;
  }
  co_return provider_->list().empty();
}

Task<> Control::stop() {
  closing_.raise();
  sharing_.cancel();
  if (interruptions_) co_await interruptions_->stop();
  for (auto& [name, one] : scalers_) co_await one->stop();
  if (notifier_) co_await notifier_->stop();
  co_await background_.close();
  if (provider_) co_await provider_->stop();
}

}  // namespace weir::control
