// What goes in and out as JSON: the writer, the status, the errors, the bodies.
#include <gtest/gtest.h>

#include <limits>

#include "api/native/answer.h"
#include "api/native/body.h"
#include "api/native/json_writer.h"
#include "api/native/status_json.h"
#include "config/json.h"

namespace weir::api {
namespace {

config::Node parsed(const std::string& text) {
  config::Findings findings;
  config::Node node = config::parse_json(text, 0, findings);
  EXPECT_TRUE(findings.empty()) << text;
  return node;
}

std::string json_of(std::string_view text) {
  JsonWriter json;
  json.value(text);
  return json.take();
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  JsonWriter json;
  json.open().field("a", 1).key("b").open_list().value(1.5).value(true).null().close_list();
  json.key("c").open().close().key("d").open_list().close_list().field("e", "x").close();

  EXPECT_EQ(json.take(), "{\"a\":1,\"b\":[1.5,true,null],\"c\":{},\"d\":[],\"e\":\"x\"}\n");
}

TEST(JsonWriter, EscapesWhatJsonReserves) {
  EXPECT_EQ(json_of("a\"b\\c\nd\te\x01\x7f/é"), "\"a\\\"b\\\\c\\nd\\u0009e\\u0001\\u007f/é\"\n");
  EXPECT_EQ(parsed(json_of("a\"b\\c\nd\te\x01/é")).text, "a\"b\\c\nd\te\x01/é");
}

TEST(JsonWriter, ReplacesWhatIsNoUtf8) {
  for (const std::string bad : {"\xff", "\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                                "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80"}) {
    EXPECT_EQ(parsed(json_of("a" + bad + "b")).text.substr(0, 4), "a\xef\xbf\xbd") << bad;
  }
  EXPECT_EQ(json_of("\xc3"), "\"\\ufffd\"\n");
  EXPECT_EQ(json_of("\xf0\x9f\x98\x80"), "\"\xf0\x9f\x98\x80\"\n");
}

TEST(JsonWriter, WritesNullForWhatIsNoNumber) {
  JsonWriter json;
  json.open_list().value(std::numeric_limits<double>::quiet_NaN());
  json.value(std::numeric_limits<double>::infinity()).value(1e-7).close_list();

  EXPECT_EQ(json.take(), "[null,null,1e-07]\n");
}

TEST(StatusJson, HasTheFieldsOfEachStruct) {
  control::Status status;
  status.version = "1.2.3";
  status.listeners.push_back({"public", {"127.0.0.1:80", "[::1]:80"}, "http", 3});
  status.target_groups.emplace_back().endpoints.emplace_back().state = "healthy";
  status.scaling_groups.emplace_back().instances.emplace_back().cpu_percent = 12.5;
  status.scaling_groups[0].activities.emplace_back().time = WallTime(1'700'000'000'123ms);

  status.notifications.push_back({"ops", 1, 2, 3, 4, "refused"});

  const config::Node node = parsed(status_json(status));

  const auto keys = [](const config::Node& map) {
    std::string all;
    for (const config::Entry& entry : map.entries) all += entry.key + ' ';
    return all;
  };
  EXPECT_EQ(keys(node),
            "version uptime_seconds snapshot config draining listeners target_groups zones "
            "scaling_groups notifications ");
  const auto first = [](const config::Node& map, std::string_view key) -> const config::Node& {
    return map.find(key)->value.items.at(0);
  };
  EXPECT_EQ(keys(first(node, "listeners")), "name bind protocol rules ");
  const config::Node& target_group = first(node, "target_groups");
  EXPECT_EQ(keys(target_group),
            "name algorithm waiting in_flight requests panic connections endpoints ");
  EXPECT_EQ(keys(first(target_group, "endpoints")),
            "id address instance zone state reason weight in_flight limit latency_seconds ");
  const config::Node& scaling_group = first(node, "scaling_groups");
  EXPECT_EQ(keys(scaling_group),
            "name min max desired target_groups instances activities activities_successful "
            "activities_failed reversals cost version refresh notes ");
  EXPECT_EQ(keys(scaling_group.find("cost")->value),
            "per_hour instance_hours money today_instance_hours today_money "
            "fixed_fleet_instance_hours fixed_fleet_money saved_share peak_instances "
            "peak_per_hour since ");
  const config::Node& instance = first(scaling_group, "instances");
  EXPECT_EQ(
      keys(instance),
      "id state reason address pid port version in_flight healthy adopted protected launched "
      "cpu_percent memory_percent devices gpu_percent gpu_memory_percent launch_template weight "
      "spot price ends_at ");
  EXPECT_EQ(instance.find("cpu_percent")->value.text, "12.5");
  EXPECT_TRUE(instance.find("memory_percent")->value.is_null());
  const config::Node& activity = first(scaling_group, "activities");
  EXPECT_EQ(keys(activity), "time status description cause instance ");
  EXPECT_EQ(activity.find("time")->value.text, "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(keys(first(node, "notifications")), "name queued delivered failed dropped last_error ");
}

TEST(ErrorAnswer, NamesEachMistakeWithItsPlace) {
  config::Mistake mistake;
  mistake.file = "weir.yaml";
  mistake.line = 3;
  mistake.column = 5;
  mistake.path = "listeners.public.bind";
  mistake.what = "port 70000 is above 65535";

  const Answer answer = mistakes_answer({mistake});

  EXPECT_EQ(answer.status, 422);
  const config::Node node = parsed(answer.body);
  const config::Node& told = node.find("error")->value.find("mistakes")->value.items.at(0);
  EXPECT_EQ(told.find("line")->value.text, "3");
  EXPECT_EQ(told.find("text")->value.text,
            "weir.yaml:3:5: listeners.public.bind: port 70000 is above 65535");
}

TEST(ErrorAnswer, HasAStatusThatFitsTheError) {
  EXPECT_EQ(error_answer(Error(Code::not_found, "x")).status, 404);
  EXPECT_EQ(error_answer(Error(Code::conflict, "x")).status, 409);
  EXPECT_EQ(error_answer(Error(Code::denied, "x")).status, 403);
  EXPECT_EQ(error_answer(Error(Code::invalid, "x")).status, 422);
  EXPECT_EQ(error_answer(Error(Code::unavailable, "x")).status, 503);
}

TEST(Body, GivesWhatItsKeysHold) {
  const auto body =
      Body::parse(R"({"target": "a", "n": 7, "back": true})", {"target", "n", "back"});

  ASSERT_TRUE(body) << body.error().message;
  EXPECT_EQ(body->text("target").value(), "a");
  EXPECT_EQ(body->number("n").value(), 7u);
  EXPECT_TRUE(body->flag("back").value());
}

TEST(Body, TakesNothingForAnEmptyObject) {
  const auto body = Body::parse(" \r\n", {"instances"});

  ASSERT_TRUE(body);
  EXPECT_FALSE(body->flag("instances").value());
}

TEST(Body, RefusesWhatIsNotAnObjectOfItsKeys) {
  for (const char* text : {"{", "[]", "7", "null", "{\"other\": 1}", "\xff\xfe", "{\"n\": 1} x",
                           "{\"n\": 1, \"n\": 2}"}) {
    EXPECT_FALSE(Body::parse(text, {"n"})) << text;
  }
}

TEST(Body, RefusesNumbersThatAreNone) {
  for (const char* text : {"{}", "{\"n\": -1}", "{\"n\": \"2\"}", "{\"n\": 1e99}", "{\"n\": 1.5}",
                           "{\"n\": 4294967296}", "{\"n\": null}", "{\"n\": [1]}"}) {
    const auto body = Body::parse(text, {"n"});
    ASSERT_TRUE(body) << text;
    EXPECT_FALSE(body->number("n")) << text;
  }
}

TEST(Body, NamesAFileOnlyWhenThatIsAllItSays) {
  EXPECT_EQ(named_file("{\"path\": \"/etc/weir.yaml\"}"), "/etc/weir.yaml");
  EXPECT_EQ(named_file("{\"path\": \"/etc/weir.yaml\", \"listeners\": {}}"), std::nullopt);
  EXPECT_EQ(named_file("{\"listeners\": {}}"), std::nullopt);
  EXPECT_EQ(named_file("{\"path\": \"\"}"), std::nullopt);
}

}  // namespace
}  // namespace weir::api
