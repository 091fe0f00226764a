#include "cli/status_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/table.h"

namespace weir::cli {
namespace {

Colour colour_of(const std::string& state) {
  if (state == "healthy" || state == "in_service" || state == "Successful") return Colour::green;
  if (state == "unhealthy" || state == "ejected" || state == "Failed") return Colour::red;
  return Colour::yellow;
}

// Nothing where it would be a zero without a meaning.
std::string unless_zero(std::uint64_t number) { return number ? std::to_string(number) : ""; }

std::string latency_text(double seconds) {
  if (seconds <= 0) return "";
  return seconds < 1 ? fmt::format("{:.1f}ms", seconds * 1e3) : fmt::format("{:.2f}s", seconds);
}

std::string percent_text(const std::optional<double>& percent) {
  return percent ? fmt::format("{:.0f}%", *percent) : "";
}

std::string render_listeners(const control::Status& status, const View& view) {
  Table table({"LISTENER", "BIND", "PROTOCOL", "RULES"}, 0);
  for (const auto& one : status.listeners) {
    table.add({Cell(one.name, Colour::bold), fmt::format("{}", fmt::join(one.bind, ", ")),
               one.protocol, std::to_string(one.rules)});
  }
  return table.empty() ? "" : table.render(view.width, view.colour);
}

std::string render_zones(const control::Status& status, const View& view) {
  Table table({"ZONE", "STATE", "HEALTHY", "ENDPOINTS"}, 0);
  for (const auto& one : status.zones) {
    const bool away = one.shifted_until.has_value();
    const std::string state =
        away ? "shifted away for " + short_duration(*one.shifted_until - view.now)
             : (one.own ? "own" : "");
    table.add({Cell(one.name, Colour::bold), Cell(state, away ? Colour::red : Colour::green),
               std::to_string(one.healthy), std::to_string(one.endpoints)});
  }
  return table.empty() ? "" : table.render(view.width, view.colour);
}

std::string render_target_group(const control::TargetGroupStatus& group, const View& view) {
  std::string text = fmt::format("{} {}   {}   {} in flight   {} waiting   {} requests\n",
                                 paint("TARGET GROUP", Colour::dim, view.colour),
                                 paint(group.name, Colour::bold, view.colour), group.algorithm,
                                 group.in_flight, group.waiting, group.requests);
  if (group.panic) {
    text += "  " + paint("too few are healthy: health is ignored", Colour::red, view.colour) + "\n";
  }
  Table table({"ENDPOINT", "STATE", "IN FLIGHT", "LATENCY", "WEIGHT", "ZONE", "INSTANCE", "REASON"},
              2);
  for (const auto& one : group.endpoints) {
    table.add({one.address, Cell(one.state, colour_of(one.state)), std::to_string(one.in_flight),
               latency_text(one.latency_seconds), one.weight == 1 ? "" : std::to_string(one.weight),
               one.zone, one.instance, one.reason});
  }
  return text + (table.empty() ? "  no endpoints\n" : table.render(view.width, view.colour));
}

std::string render_instances(const control::ScalingGroupStatus& group, const View& view) {
  Table table({"INSTANCE", "STATE", "TEMPLATE", "ADDRESS", "PID", "IN FLIGHT", "CPU", "MEMORY",
               "DEVICES", "GPU", "AGE", "REASON"},
              2);
  for (const auto& one : group.instances) {
    const bool launched = one.launched != WallTime{};
    table.add({one.id, Cell(one.state, colour_of(one.state)), one.launch_template, one.address,
               unless_zero(static_cast<std::uint64_t>(std::max<std::int64_t>(one.pid, 0))),
               std::to_string(one.in_flight), percent_text(one.cpu_percent),
               percent_text(one.memory_percent), fmt::format("{}", fmt::join(one.devices, ",")),
               percent_text(one.gpu_percent),
               launched ? short_duration(view.now - one.launched) : "", one.reason});
  }
  return table.empty() ? "  no instances\n" : table.render(view.width, view.colour);
}

// "2.40 an hour, 12.31 so far"; nothing where no price is given.
std::string cost_text(const control::CostStatus& cost) {
  if (cost.peak_per_hour <= 0) return "";
  return fmt::format("   {:.2f} an hour", cost.per_hour);
}

std::string render_activities(const control::ScalingGroupStatus& group, const View& view) {
  Table table({"LATELY", "STATUS", "WHAT AND WHY"}, 2);
  for (std::size_t i = 0; i < std::min(view.activities, group.activities.size()); ++i) {
    const control::ActivityStatus& one = group.activities[i];
    std::string what = one.description;
    if (!one.cause.empty()) what += (what.empty() ? "" : ": ") + one.cause;
    table.add({short_duration(view.now - one.time) + " ago",
               Cell(one.status, colour_of(one.status)), what});
  }
  return table.empty() ? "" : table.render(view.width, view.colour);
}

// One that is over is shown for a day.
std::string render_refresh(const control::RefreshStatus& refresh, const View& view) {
  if (refresh.ended && view.now - *refresh.ended > 24h) return "";
  std::string text = fmt::format("  refresh {} to version {}: {}, {} of {} ({} %)", refresh.number,
                                 refresh.version, refresh.status, refresh.replaced, refresh.total,
                                 refresh.percent);
  if (!refresh.reason.empty()) text += ": " + printable(refresh.reason);
  return text + "\n";
}

std::string render_scaling_group(const control::ScalingGroupStatus& group, const View& view) {
  std::string text =
      fmt::format("{} {}   min {}   desired {}   max {}   for {}{}\n",
                  paint("SCALING GROUP", Colour::dim, view.colour),
                  paint(group.name, Colour::bold, view.colour), group.min, group.desired, group.max,
                  fmt::join(group.target_groups, ", "), cost_text(group.cost));
  if (group.refresh) text += render_refresh(*group.refresh, view);
  text += render_instances(group, view);
  for (const std::string& note : group.notes) {
    for (const std::string& line :
         wrap(printable(note), std::max<std::size_t>(view.width, 40) - 2)) {
      text += "  " + paint(line, Colour::yellow, view.colour) + "\n";
    }
  }
  return text + render_activities(group, view);
}

}  // namespace

std::string short_duration(Duration d) {
  if (d < 1s) return fmt::format("{}ms", std::max<std::int64_t>(d / 1ms, 0));
  if (d < 2min) return fmt::format("{}s", d / 1s);
  if (d < 2h) return fmt::format("{}m", d / 1min);
  if (d < 48h) return fmt::format("{}h", d / 1h);
  return fmt::format("{}d", d / 24h);
}

std::string render_status(const control::Status& status, const View& view) {
  std::string text = fmt::format("weir {}   up {}   {}   snapshot {}\n", status.version,
                                 short_duration(from_seconds(status.uptime_seconds)), status.config,
                                 status.snapshot);
  if (status.draining) {
    text += paint("draining: it takes no more connections", Colour::yellow, view.colour) + "\n";
  }
  if (const std::string listeners = render_listeners(status, view); !listeners.empty()) {
    text += "\n" + listeners;
  }
  if (const std::string zones = render_zones(status, view); !zones.empty()) text += "\n" + zones;
  for (const auto& group : status.target_groups) text += "\n" + render_target_group(group, view);
  for (const auto& group : status.scaling_groups) text += "\n" + render_scaling_group(group, view);
  return text;
}

}  // namespace weir::cli
