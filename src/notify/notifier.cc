#include "notify/notifier.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/units.h"
#include "notify/command.h"

namespace weir::notify {
namespace {

bool has(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// WEIR_EVENT_STATE of {"state", ...}.
std::string variable_of(std::string_view key) {
  std::string name = "WEIR_EVENT_";
  for (const char c : key) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool plain = lower || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += lower ? static_cast<char>(c - 32) : plain ? c : '_';
  }
  return name;
}

std::vector<std::pair<std::string, std::string>> environment_of(const Event& event) {
  std::vector<std::pair<std::string, std::string>> all = {
      {"WEIR_EVENT", std::string(to_string(event.kind))},
      {"WEIR_EVENT_ID", std::to_string(event.id)},
      {"WEIR_EVENT_TIME", to_string(event.time)},
      {"WEIR_GROUP", event.group},
      {"WEIR_INSTANCE", event.instance}};
  for (const auto& [key, value] : event.details) {
    // A variable ends at a NUL; nothing of ours has one.
    all.emplace_back(variable_of(key), value.substr(0, value.find('\0')));
  }
  return all;
}

}  // namespace

bool wants(const Notification& options, const Event& event) {
  if (!has(options.events, "all") && !has(options.events, to_string(event.kind))) return false;
  return options.scaling_groups.empty() || has(options.scaling_groups, event.group);
}

Notifier::Notifier(net::Reactor& reactor, net::Resolver* resolver, std::uint64_t seed, Pace pace)
    : reactor_(reactor), webhooks_(reactor, resolver, seed, pace) {}

void Notifier::update(const Named<Notification>& wanted) {
  webhooks_.look_at_files();
  std::erase_if(targets_, [&](const auto& row) {
    if (wanted.contains(row.first)) return false;
    row.second->stop.raise();  // its task holds it to its end
    return true;
  });
  for (const auto& [name, options] : wanted) {
    auto& target = targets_[name];
    if (!target) {
      target = std::make_shared<Target>(reactor_);
      target->status.name = name;
      tasks_.spawn(run(target));
    }
    target->options = options;
  }
}

void Notifier::hear(const Event& event) {
  for (auto& [name, target] : targets_) {
    if (wants(target->options, event)) queue(*target, event);
  }
}

bool Notifier::send(const std::string& name, const Event& event) {
  const auto found = targets_.find(name);
  if (found == targets_.end()) return false;
  if (!wants(found->second->options, event)) queue(*found->second, event);
  return true;
}

void Notifier::queue(Target& target, const Event& event) {
  Item item;
  item.message.kind = to_string(event.kind);
  item.message.id = std::to_string(event.id);
  item.message.body = to_json(event);
  if (!target.options.command.empty()) item.environment = environment_of(event);
  target.bytes += item.message.body.size();
  target.queue.push_back(std::move(item));
  while (target.queue.size() > kMostEvents || target.bytes > kMostBytes) {
    target.bytes -= target.queue.front().message.body.size();
    target.queue.pop_front();
    ++target.status.dropped;
  }
  target.more.set();
}

Task<> Notifier::run(std::shared_ptr<Target> target) {
  while (!target->stop.raised()) {
    if (target->queue.empty()) {
      const net::Deadline never(kNever, &target->stop);
      co_await target->more.wait(never);
      continue;
    }
    Item item = std::move(target->queue.front());
    target->queue.pop_front();
    target->bytes -= item.message.body.size();
    const std::string id = item.message.id;
    auto telling = tell(target->options, std::move(item), &target->stop);
    const Result<> told = co_await telling;
    NotifierStatus& status = target->status;
    if (told) {
      ++status.delivered;
      status.last_error.clear();
    } else if (!target->stop.raised()) {
      ++status.failed;
      status.last_error = told.error().message;
      LOG(warn, "notification not delivered", {"notification", status.name}, {"event", id},
          {"error", told.error().message});
    }
  }
}

Task<Result<>> Notifier::tell(Notification options, Item item, net::Interrupt* stop) {
  if (options.webhook) {
    auto posting = webhooks_.post(*options.webhook, std::move(item.message), stop);
    const auto posted = co_await posting;
    if (!posted) co_return tl::unexpected(posted.error());
    co_return Result<>();
  }
  CommandCall call;
  call.arguments = options.command;
  call.input = std::move(item.message.body);
  call.environment = std::move(item.environment);
  call.timeout = options.command_timeout;
  auto running = run_command(reactor_, std::move(call), stop);
  const auto ran = co_await running;
  if (!ran) co_return tl::unexpected(ran.error());
  if (ran->status != 0) co_return fail(Code::denied, complaint(*ran));
  co_return Result<>();
}

std::vector<NotifierStatus> Notifier::status() const {
  std::vector<NotifierStatus> all;
  for (const auto& [name, target] : targets_) {
    all.push_back(target->status);
    all.back().queued = target->queue.size();
  }
  return all;
}

Task<> Notifier::stop() {
  for (auto& [name, target] : targets_) target->stop.raise();
  co_await tasks_.close();
}

}  // namespace weir::notify
