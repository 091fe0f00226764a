// Scheduled policies: times that cannot be, bounds that contradict each other.
#include <fmt/format.h>

#include "base/cron.h"
#include "base/wall_time.h"
#include "config/reader.h"
#include "model/desired_validate.h"

namespace weir {
namespace {

using config::Findings;
using config::Trail;

void check_times(const Scheduled& scheduled, const Trail& here, Findings& findings) {
  const bool once = !scheduled.at.empty();
  if (once && !scheduled.schedule.empty()) {
    findings.add(here.enter("at"), "stands beside a schedule", "keep one of them");
    return;
  }
  if (!once && scheduled.schedule.empty()) {
    findings.add(here, "does not say when",
                 "add schedule: \"0 8 * * 1-5\", or at: 2026-12-24T08:00:00Z");
    return;
  }
  if (once) {
    for (const auto& [key, value] :
         {std::pair("start", scheduled.start), std::pair("end", scheduled.end)}) {
      if (value.empty()) continue;
      findings.add(here.enter(key), "belongs to a schedule, and this one is due once", "remove it");
    }
    return;
  }
  if (const auto cron = Cron::parse(scheduled.schedule, scheduled.time_zone); !cron) {
    // "hour: '25' is not one (write 0 to 23, or *)"
    const std::string& message = cron.error().message;
    const auto open = message.rfind(" (");
    const bool zone = message.starts_with("time zone");
    findings.add(here.enter(zone ? "time_zone" : "schedule"), message.substr(0, open),
                 open == std::string::npos ? "write five fields: 0 8 * * 1-5"
                                           : message.substr(open + 2, message.size() - open - 3));
  }
  const auto start = parse_wall_time(scheduled.start), end = parse_wall_time(scheduled.end);
  if (start && end && *end <= *start) {
    findings.add(here.enter("end"), fmt::format("{} is not after start", scheduled.end),
                 "choose a later time");
  }
}

void check_values(const Scheduled& scheduled, const ScalingGroup& group, const Trail& here,
                  Findings& findings) {
  if (!scheduled.min && !scheduled.max && !scheduled.desired) {
    findings.add(here, "changes nothing", "add min, max or desired");
    return;
  }
  const std::uint32_t most = scheduled.max.value_or(group.max);
  const std::string whose = scheduled.max ? "its max" : "the group's max";
  if (scheduled.min && *scheduled.min > most) {
    findings.add(here.enter("min"),
                 fmt::format("min {} is above {}, {}", *scheduled.min, whose, most),
                 "add a max that is not below it");
  }
  if (scheduled.desired && *scheduled.desired > most) {
    findings.add(here.enter("desired"),
                 fmt::format("desired {} is above {}, {}", *scheduled.desired, whose, most),
                 "add a max that is not below it");
  }
  const std::uint32_t least = scheduled.min.value_or(0);
  if (scheduled.desired && *scheduled.desired < least) {
    findings.add(here.enter("desired"),
                 fmt::format("desired {} is below its min, {}", *scheduled.desired, least),
                 "choose one from min to max");
  }
}

}  // namespace

void check_schedule(const Scheduled& scheduled, const ScalingGroup& group, const Trail& here,
                    Findings& findings) {
  check_times(scheduled, here, findings);
  check_values(scheduled, group, here, findings);
}

}  // namespace weir
