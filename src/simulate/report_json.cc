#include "simulate/report_json.h"

#include <fmt/format.h>

#include "base/units.h"
#include "config/json.h"

namespace weir::simulate {
namespace {

using config::Node;

Node number(double value) { return Node::scalar(fmt::format("{:.6g}", value)); }
Node count(std::uint64_t value) { return Node::scalar(std::to_string(value)); }

Node percentiles_of(const Percentiles& p) {
  Node node = Node::map();
  node.add("mean", number(p.mean));
  node.add("p50", number(p.p50));
  node.add("p90", number(p.p90));
  node.add("p95", number(p.p95));
  node.add("p99", number(p.p99));
  node.add("max", number(p.most));
  return node;
}

Node slo_of(const Report& report) {
  Node node = Node::map();
  node.add("goal", Node::quote(to_string(*report.goal)));
  node.add("attainment", number(report.attainment));
  node.add("met", Node::scalar(report.met ? "true" : "false"));
  return node;
}

Node activities_of(const Report& report) {
  Node list = Node::sequence();
  for (const scale::Activity& activity : report.activities) {
    Node node = Node::map();
    node.add("time", Node::quote(to_string(activity.at)));
    node.add(
        "status",
        Node::quote(activity.status == scale::Activity::Status::failed ? "Failed" : "Successful"));
    node.add("description", Node::quote(activity.description));
    node.add("cause", Node::quote(activity.cause));
    if (!activity.instance.empty()) node.add("instance", Node::quote(activity.instance));
    list.items.push_back(std::move(node));
  }
  return list;
}

Node course_of(const Report& report) {
  Node list = Node::sequence();
  for (const Stretch& one : report.stretches) {
    Node node = Node::map();
    node.add("at", number(one.at));
    node.add("requests_per_second", number(one.arrivals));
    node.add("waiting", number(one.waiting));
    node.add("in_flight", number(one.in_flight));
    node.add("desired", number(one.desired));
    node.add("instances", number(one.present));
    node.add("in_service", number(one.serving));
    node.add("p50_seconds", number(one.p50));
    node.add("p95_seconds", number(one.p95));
    list.items.push_back(std::move(node));
  }
  return list;
}

Node report_of(const Report& report) {
  Node node = Node::map();
  node.add("name", Node::quote(report.name));
  node.add("group", Node::quote(report.group));
  if (report.goal) node.add("slo", slo_of(report));
  node.add("requests", count(report.requests));
  node.add("answered", count(report.answered));
  node.add("refused", count(report.full));
  node.add("timed_out", count(report.timed_out));
  node.add("cut", count(report.cut));
  node.add("wait_seconds", percentiles_of(report.wait));
  node.add("first_byte_seconds", percentiles_of(report.first_byte));
  node.add("total_seconds", percentiles_of(report.total));
  node.add("hours", number(report.hours));
  node.add("instance_hours", number(report.instance_hours));
  if (report.cost) node.add("cost", number(*report.cost));
  node.add("most_instances", count(report.peak));
  node.add("capacity_changes", count(report.changes));
  node.add("launched", count(report.launched));
  if (report.cached) node.add("cached_input_share", number(*report.cached));
  Node notes = Node::sequence();
  for (const std::string& note : report.notes) notes.items.push_back(Node::quote(note));
  node.add("notes", std::move(notes));
  node.add("activities", activities_of(report));
  node.add("course", course_of(report));
  return node;
}

}  // namespace

std::string json_of(const RequestTrace& trace, std::span<const Report> reports) {
  Node about = Node::map();
  about.add("name", Node::quote(trace.name));
  about.add("requests", count(trace.requests.size()));
  about.add("seconds", number(seconds(trace.length)));
  if (trace.began) about.add("began", Node::quote(to_string(*trace.began)));
  Node runs = Node::sequence();
  for (const Report& report : reports) runs.items.push_back(report_of(report));
  Node all = Node::map();
  all.add("trace", std::move(about));
  all.add("runs", std::move(runs));
  std::string text = config::write_json(all);
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

}  // namespace weir::simulate
