#include "simulate/trace_reader.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/hash.h"
#include "base/units.h"

namespace weir::simulate {
namespace {

RequestTrace good(std::string_view text, const TraceOptions& options = {}) {
  ReadTrace read = read_trace("t.csv", text, options);
  EXPECT_TRUE(read.good()) << (read.good() ? "" : config::to_string(read.mistakes.front()));
  return std::move(read.trace);
}

std::string mistakes(std::string_view text, const TraceOptions& options = {}) {
  std::string all;
  for (const auto& mistake : read_trace("t.csv", text, options).mistakes) {
    all += config::to_string(mistake) + "\n";
  }
  return all;
}

TEST(TraceReader, ReadsColumnsByTheirNamesInAnyOrder) {
  const auto trace = good("cost,Time,note\n0.5,3,a\n\n# a comment\n0.25,1,\"b, \"\"c\"\"\"\n");

  ASSERT_EQ(trace.requests.size(), 2u);
  EXPECT_EQ(trace.requests[0].at, 0s);  // the earlier one, from which time is counted
  EXPECT_EQ(trace.requests[0].cost, 250ms);
  EXPECT_EQ(trace.requests[1].at, 2s);
  EXPECT_EQ(trace.length, 2s);
  EXPECT_FALSE(trace.began);
}

TEST(TraceReader, ReadsTheAzureTracesAsTheyArePublished) {
  const auto trace = good(
      "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:15:46.6805900,374,44\r\n"
      "2023-11-16 18:15:50.9951690,396,109\r\n");

  ASSERT_EQ(trace.requests.size(), 2u);
  EXPECT_EQ(to_string(*trace.began), "2023-11-16T18:15:46.680Z");
  EXPECT_EQ(trace.requests[1].at, 4314579us);
  EXPECT_EQ(trace.requests[1].input_tokens, 396u);
  EXPECT_EQ(trace.requests[1].output_tokens, 109u);
}

TEST(TraceReader, ReadsTheMooncakeTraceAsItIsPublished) {
  TraceOptions options;
  options.unit = 1ms;
  const auto trace = good(
      R"({"timestamp": 0, "input_length": 6758, "output_length": 500, "hash_ids": [0, 1, 2]})"
      "\n"
      R"({"timestamp": 3500, "input_length": 7322, "output_length": 490, "hash_ids": [0, 1, 2]})"
      "\n",
      options);

  ASSERT_EQ(trace.requests.size(), 2u);
  EXPECT_EQ(trace.requests[1].at, 3500ms);
  EXPECT_EQ(trace.requests[0].prefix, (std::vector{hash("0"), hash("1"), hash("2")}));
  EXPECT_EQ(trace.requests[0].key, trace.requests[1].key);  // they begin alike
}

TEST(TraceReader, TakesTheRequestsOfItsGroupsOutOfAnAccessLog) {
  TraceOptions options;
  options.groups = {"ocr"};
  const auto trace = good(
      R"({"time":"2026-11-21T06:25:00.500Z","client":"10.0.0.1:5","group":"ocr","waited_seconds":0.2,"total_seconds":0.7})"
      "\n"
      R"({"time":"2026-11-21T06:25:00.000Z","client":"10.0.0.1:6","group":"ocr","waited_seconds":0,"total_seconds":0.3})"
      "\n"
      R"({"time":"2026-11-21T06:25:01.000Z","client":"10.0.0.1:7","group":"llm","waited_seconds":0,"total_seconds":0.3})"
      "\n"
      R"({"time":"2026-11-21T06:25:01.000Z","client":"10.0.0.1:8","status":404,"total_seconds":0.3})"
      "\n",
      options);

  ASSERT_EQ(trace.requests.size(), 2u);
  EXPECT_EQ(trace.of_others, 2u);
  EXPECT_EQ(trace.requests[0].cost, 300ms);  // lines are written at a request's end
  EXPECT_EQ(trace.requests[1].cost, 500ms);
  EXPECT_EQ(trace.requests[1].at, 500ms);
  EXPECT_EQ(trace.requests[0].key, trace.requests[1].key);  // one address
}

TEST(TraceReader, DrawsRequestsFromRates) {
  const std::string rates = "t_seconds,requests_per_second\n0,10\n600,0\n1200,30\n";
  TraceOptions options;
  options.seed = 3;

  const auto trace = good(rates, options);

  const auto second_half =
      std::ranges::lower_bound(trace.requests, Duration(600s), {}, &Request::at);
  const auto first = second_half - trace.requests.begin();
  const auto rest = trace.requests.end() - second_half;
  EXPECT_NEAR(static_cast<double>(first), 6000, 240);  // three standard deviations
  EXPECT_NEAR(static_cast<double>(rest), 18000, 400);
  EXPECT_GE(second_half->at, 1200s);
  EXPECT_EQ(trace.length, 1800s);
  EXPECT_EQ(good(rates, options).requests, trace.requests);
}

TEST(TraceReader, TakesAShareOfTheRequests) {
  std::string text = "time\n";
  for (int i = 0; i < 10000; ++i) text += std::to_string(i) + "\n";
  TraceOptions options;
  options.share = 0.25;

  EXPECT_NEAR(static_cast<double>(good(text, options).requests.size()), 2500, 130);
}

TEST(TraceReader, KnowsPriorityClasses) {
  const auto trace = good("time,class\n0,chat\n1,batch\n2,chat\n");

  EXPECT_EQ(trace.classes, (std::vector<std::string>{"chat", "batch"}));
  EXPECT_EQ(trace.requests[2].kind, 0u);
  EXPECT_EQ(trace.requests[1].kind, 1u);
}

TEST(TraceReader, SaysAllMistakesAtOnceWithTheirPlaceAndARemedy) {
  EXPECT_EQ(
      mistakes("time,cost\nx,1\n1,y\n1,-2\n,3\n1,2,3\n"),
      "t.csv:2:1: time: 'x' is neither a number nor a date and time: write seconds, or a time "
      "such as 2026-11-21T06:25:00Z\n"
      "t.csv:3:3: cost: 'y' is not a number of seconds\n"
      "t.csv:4:3: cost: '-2' is not a number of seconds\n"
      "t.csv:5:1: time: is missing: write seconds, or a time such as 2026-11-21T06:25:00Z\n"
      "t.csv:6:1: has more than the 2 cells of the header: put quotes around a cell that has "
      "a comma in it\n");
}

TEST(TraceReader, RefusesWhatItCannotPlay) {
  EXPECT_NE(mistakes("").find("is empty"), std::string::npos);
  EXPECT_NE(mistakes("1,2\n3,4\n").find("no column has this name; there are 1, 2"),
            std::string::npos);
  EXPECT_NE(mistakes("time\n").find("no request is left"), std::string::npos);
  EXPECT_NE(mistakes("time\n0\n2026-11-21T06:25:00Z\n").find("is a date where others are numbers"),
            std::string::npos);
  EXPECT_NE(mistakes("time,rate\n0,1\n1,\n").find("is said of some lines"), std::string::npos);
  EXPECT_NE(mistakes("time,rate\n0,1e9\n100,0\n").find("--share"), std::string::npos);
  EXPECT_NE(mistakes("time\n1700000000000\n").find("--time-unit ms"), std::string::npos);
  EXPECT_NE(mistakes("{\"time\": 1}\nnot json\n").find("t.csv:2"), std::string::npos);
  EXPECT_NE(mistakes("{\"cost\": 1}\n").find("time: is missing"), std::string::npos);
}

TEST(TraceReader, StopsAtAPageOfMistakes) {
  std::string text = "time\n";
  for (int i = 0; i < 1000; ++i) text += "x\n";

  EXPECT_EQ(read_trace("t.csv", text, {}).mistakes.size(), kMostMistakes);
}

}  // namespace
}  // namespace weir::simulate
