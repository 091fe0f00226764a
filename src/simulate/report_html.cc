#include "simulate/report_html.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"
#include "simulate/plot.h"

namespace weir::simulate {
namespace {

constexpr char kStyle[] = R"(
body { font: 15px/1.45 system-ui, sans-serif; color: #222; background: #fff; max-width: 1040px;
  margin: 2em auto; padding: 0 1em }
h1 { font-size: 1.4em } h2 { font-size: 1.15em; margin-top: 2em; border-top: 1px solid #ddd; padding-top: 1em }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px }
th, td { padding: .25em .8em .25em 0; text-align: right; border-bottom: 1px solid #eee;
  white-space: nowrap }
.text td { white-space: normal }
th:first-child, td:first-child, .text td { text-align: left } .text td { vertical-align: top }
.good { color: #1b7f3b } .bad { color: #b3261e } .note { color: #666 }
svg { width: 100%; height: auto; display: block; margin: .6em 0 }
svg text { font-size: 11px; fill: #555 } svg .title { font-size: 12px; font-weight: 600; fill: #222 }
svg .name { text-anchor: end } svg .y { text-anchor: end } svg .x { text-anchor: middle }
svg .grid { stroke: #e6e6e6 } svg .mark { stroke: #b3261e; stroke-dasharray: 4 3 }
svg .line { fill: none; stroke-width: 1.6; stroke-linejoin: round }
summary { cursor: pointer; margin: .5em 0 }
)";

std::vector<double> values(const Report& report, double Stretch::* part) {
  std::vector<double> all;
  for (const Stretch& one : report.stretches) all.push_back(one.*part);
  return all;
}

std::string time_cell(double seconds) {
  if (seconds >= 100) return fmt::format("{:.0f} s", seconds);
  return seconds >= 1 ? fmt::format("{:.2f} s", seconds) : fmt::format("{:.0f} ms", seconds * 1e3);
}

std::string overview(std::span<const Report> reports) {
  std::string out =
      "<table><tr><th></th><th>within the goal</th><th>p50</th><th>p95</th><th>p99</th>"
      "<th>wait p95</th><th>first byte p95</th><th>refused</th><th>instance-hours</th>"
      "<th>most</th><th>cost</th><th>changes</th></tr>\n";
  for (const Report& report : reports) {
    const std::string within =
        report.goal ? fmt::format("<span class=\"{}\">{:.2f} %</span>", report.met ? "good" : "bad",
                                  report.attainment * 100)
                    : "";
    out += fmt::format(
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
        "<td>{}</td><td>{:.2f}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        escaped(report.name), within, time_cell(report.total.p50), time_cell(report.total.p95),
        time_cell(report.total.p99), time_cell(report.wait.p95), time_cell(report.first_byte.p95),
        report.full + report.timed_out + report.cut, report.instance_hours, report.peak,
        report.cost ? fmt::format("{:.2f}", *report.cost) : "", report.changes);
  }
  return out + "</table>\n";
}

void mark_goal(Plot& plot, const Report& report) {
  if (!report.goal || report.goal->of != LatencyGoal::Of::total) return;
  plot.mark = seconds(report.goal->bound);
  plot.mark_name = to_string(*report.goal);
}

// Of all runs, one line each; their stretches are of one length but for the end.
std::string together(std::span<const Report> reports) {
  Plot instances{"instances", {}, {}, {}, {}}, latency{"p95, seconds", {}, {}, {}, {}};
  for (const Report& report : reports) {
    const auto at = values(report, &Stretch::at);
    if (at.size() > instances.at.size()) instances.at = latency.at = at;
    instances.lines.push_back({report.name, values(report, &Stretch::present)});
    latency.lines.push_back({report.name, values(report, &Stretch::p95)});
    mark_goal(latency, report);
  }
  return "<h2>Side by side</h2>\n" + svg_of(instances) + svg_of(latency);
}

std::string decisions(const Report& report) {
  std::string out =
      fmt::format("<details><summary>{} decisions</summary>\n<table class=\"text\">\n",
                  report.activities.size());
  for (const scale::Activity& activity : report.activities) {
    out += fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", to_string(activity.at).substr(0, 19),
                       escaped(activity.cause));
  }
  return out + "</table></details>\n";
}

std::string section(const Report& report) {
  const auto at = values(report, &Stretch::at);
  std::string out = fmt::format("<h2>{}</h2>\n", escaped(report.name));
  for (const std::string& note : report.notes) {
    out += fmt::format("<p class=\"note\">{}</p>\n", escaped(note));
  }
  out += svg_of(
      {"requests per second", at, {{"arrivals", values(report, &Stretch::arrivals)}}, {}, {}});
  out += svg_of({"instances",
                 at,
                 {{"desired", values(report, &Stretch::desired)},
                  {"running", values(report, &Stretch::present)},
                  {"in service", values(report, &Stretch::serving)}},
                 {},
                 {}});
  out += svg_of({"requests",
                 at,
                 {{"at servers", values(report, &Stretch::in_flight)},
                  {"waiting", values(report, &Stretch::waiting)}},
                 {},
                 {}});
  Plot latency{"seconds to the end of the answer, by arrival",
               at,
               {{"p50", values(report, &Stretch::p50)}, {"p95", values(report, &Stretch::p95)}},
               {},
               {}};
  mark_goal(latency, report);
  return out + svg_of(latency) + decisions(report);
}

}  // namespace

std::string html_of(const RequestTrace& trace, std::span<const Report> reports) {
  const Duration length = std::chrono::floor<std::chrono::seconds>(trace.length);
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{0}: weir simulate</title>\n"
      "<style>{1}</style></head>\n<body>\n<h1>{0}</h1>\n<p>{2} requests in {3}</p>\n",
      escaped(trace.name), kStyle, trace.requests.size(), to_string(length));
  out += overview(reports);
  if (reports.size() > 1) out += together(reports);
  for (const Report& report : reports) out += section(report);
  return out + "</body></html>\n";
}

}  // namespace weir::simulate
