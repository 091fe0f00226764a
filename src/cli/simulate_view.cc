#include "cli/simulate_view.h"

#include <fmt/format.h>

#include <set>

#include "base/units.h"
#include "cli/table.h"

namespace weir::cli {
namespace {

using simulate::Report;

constexpr std::size_t kDecisions = 5;  // of each run, the last ones that changed the capacity

std::string seconds_text(double seconds) {
  if (seconds >= 100) return fmt::format("{:.0f}s", seconds);
  return seconds >= 1 ? fmt::format("{:.2f}s", seconds) : fmt::format("{:.0f}ms", seconds * 1e3);
}

Cell within(const Report& report) {
  if (!report.goal) return "";
  return {fmt::format("{:.2f}%", report.attainment * 100),
          report.met ? Colour::green : Colour::red};
}

std::string heading(const simulate::RequestTrace& trace, const std::string& group,
                    const std::optional<LatencyGoal>& goal) {
  const Duration length = std::chrono::round<std::chrono::seconds>(trace.length);
  return fmt::format("{}: {} requests in {} for {}{}\n\n", printable(trace.name),
                     trace.requests.size(), to_string(length), group,
                     goal ? ", goal " + to_string(*goal) : "");
}

std::string decisions_of(const Report& report) {
  std::string out;
  std::size_t shown = 0;
  for (auto it = report.activities.rbegin(); it != report.activities.rend(); ++it) {
    if (it->description.find("desired capacity") == std::string::npos) continue;
    out.insert(0, "  " + printable(it->cause) + "\n");
    if (++shown == kDecisions) break;
  }
  if (out.empty()) return {};
  return fmt::format("\n{}: desired capacity changed {}, last\n", printable(report.name),
                     report.changes == 1 ? "once" : fmt::format("{} times", report.changes)) +
         out;
}

std::string notes_of(const std::set<std::string>& notes) {
  std::string out = notes.empty() ? "" : "\n";
  for (const std::string& note : notes) out += "note: " + printable(note) + "\n";
  return out;
}

}  // namespace

std::string render_reports(const simulate::RequestTrace& trace, std::span<const Report> reports,
                           std::size_t width, bool colour) {
  Table table({"NAME", "WITHIN", "P50", "P95", "P99", "WAIT P95", "FIRST BYTE P95", "REFUSED",
               "INSTANCE-HOURS", "MOST", "COST", "CACHED", "CHANGES"},
              0);
  std::set<std::string> notes;
  for (const Report& report : reports) {
    table.add({report.name, within(report), seconds_text(report.total.p50),
               seconds_text(report.total.p95), seconds_text(report.total.p99),
               seconds_text(report.wait.p95), seconds_text(report.first_byte.p95),
               fmt::format("{}", report.full + report.timed_out + report.cut),
               fmt::format("{:.2f}", report.instance_hours), fmt::format("{}", report.peak),
               report.cost ? fmt::format("{:.2f}", *report.cost) : "",
               report.cached ? fmt::format("{:.1f}%", *report.cached * 100) : "",
               fmt::format("{}", report.changes)});
    notes.insert(report.notes.begin(), report.notes.end());
  }
  std::string out = heading(trace, reports.front().group, reports.front().goal);
  out += table.render(width, colour);
  for (const Report& report : reports) out += decisions_of(report);
  return out + notes_of(notes);
}

std::string render_recommendation(const simulate::RequestTrace& trace,
                                  const simulate::Scenario& scenario,
                                  const simulate::Recommendation& recommendation, std::size_t width,
                                  bool colour) {
  Table table({"POLICY", "OPTIONS", "MIN", "MAX", "WITHIN", "P95", "REFUSED", "INSTANCE-HOURS",
               "MOST", "COST", "CHANGES"},
              0);
  for (const simulate::Candidate& one : recommendation.candidates) {
    const Report& report = one.report;
    table.add({one.name, one.what, fmt::format("{}", one.min), fmt::format("{}", one.max),
               within(report), seconds_text(report.total.p95),
               fmt::format("{}", report.full + report.timed_out + report.cut),
               fmt::format("{:.2f}", report.instance_hours), fmt::format("{}", report.peak),
               report.cost ? fmt::format("{:.2f}", *report.cost) : "",
               fmt::format("{}", report.changes)});
  }
  const auto& notes = recommendation.candidates.front().report.notes;
  return heading(trace, scenario.group, scenario.goal) + table.render(width, colour) +
         notes_of({notes.begin(), notes.end()});
}

}  // namespace weir::cli
