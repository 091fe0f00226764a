// The views of a report: JSON and HTML.
#include <gtest/gtest.h>

#include "config/json.h"
#include "simulate/plot.h"
#include "simulate/report_html.h"
#include "simulate/report_json.h"

namespace weir::simulate {
namespace {

Report example(const std::string& name) {
  Report report;
  report.name = name;
  report.group = "ocr";
  report.requests = 10;
  report.answered = 9;
  report.timed_out = 1;
  report.total.p95 = 1.25;
  report.goal = LatencyGoal{};
  report.attainment = 0.9;
  report.instance_hours = 1.5;
  report.cost = 3;
  report.notes = {"a note"};
  report.activities.push_back({WallTime(Duration(0)), scale::Activity::Status::successful,
                               "Launching 1 instance", "At 1970-01-01 <1> was wanted.", "i-1"});
  for (int i = 0; i < 5; ++i) report.stretches.push_back({.at = 60.0 * i, .arrivals = 2, .p95 = 3});
  return report;
}

RequestTrace trace() {
  RequestTrace trace;
  trace.name = "a<b>.csv";
  trace.requests.resize(10);
  trace.length = 300s;
  return trace;
}

TEST(ReportJson, IsJsonWithEachRun) {
  const std::vector reports = {example("weir.yaml"), example("kpa")};

  config::Findings findings;
  const auto node = config::parse_json(json_of(trace(), reports), 0, findings);

  ASSERT_TRUE(findings.empty());
  EXPECT_EQ(node.find("trace")->value.find("seconds")->value.text, "300");
  const auto& runs = node.find("runs")->value.items;
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[1].find("name")->value.text, "kpa");
  EXPECT_EQ(runs[0].find("slo")->value.find("attainment")->value.text, "0.9");
  EXPECT_EQ(runs[0].find("total_seconds")->value.find("p95")->value.text, "1.25");
  EXPECT_EQ(runs[0].find("activities")->value.items.size(), 1u);
  EXPECT_EQ(runs[0].find("course")->value.items.size(), 5u);
}

TEST(ReportHtml, StandsAloneAndEscapesWhatItShows) {
  const std::vector reports = {example("weir.yaml"), example("kpa")};

  const std::string page = html_of(trace(), reports);

  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("http"), std::string::npos);  // nothing is fetched
  EXPECT_EQ(page.find("a<b>"), std::string::npos);
  EXPECT_NE(page.find("a&lt;b&gt;.csv"), std::string::npos);
  EXPECT_NE(page.find("&lt;1&gt; was wanted"), std::string::npos);
  EXPECT_NE(page.find("Side by side"), std::string::npos);
  EXPECT_NE(page.find("p95&lt;2s"), std::string::npos);
}

TEST(Plot, DrawsItsLinesWithinItself) {
  const std::string svg =
      svg_of({"x", {0, 10, 20}, {{"one", {0, 5, 10}}, {"two", {1, 1}}}, {}, {}});

  EXPECT_NE(svg.find("d=\"M56.0 168.0L472.0 97.0L888.0 26.0\""), std::string::npos) << svg;
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

TEST(Plot, OfNothingIsEmptyAxes) {
  const std::string svg = svg_of({"x", {}, {{"one", {}}}, {}, {}});

  EXPECT_EQ(svg.find("class=\"line\""), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

}  // namespace
}  // namespace weir::simulate
