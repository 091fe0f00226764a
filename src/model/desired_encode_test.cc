#include "model/desired_encode.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "model/desired_decode.h"

namespace weir {
namespace {

Desired good(const std::string& name) {
  const Loaded loaded =
      load(std::string(WEIR_SOURCE) + "/tests/fixtures/config_good/" + name + ".yaml", Host{});
  EXPECT_TRUE(loaded.good());
  return loaded.desired;
}

TEST(Export, LoadsBackToTheSameValue) {
  for (const char* name : {"minimal", "ocr", "everything"}) {
    const Desired desired = good(name);

    const std::string yaml = export_yaml(desired);
    const Loaded from_yaml = load_text(yaml, "exported", Host{});
    const Loaded from_json = load_json(export_json(desired), "exported", Host{});
    const Loaded from_full = load_json(export_json(desired, true), "exported", Host{});

    EXPECT_TRUE(from_yaml.good()) << yaml;
    EXPECT_TRUE(from_yaml.desired == desired) << yaml;
    EXPECT_TRUE(from_json.good());
    EXPECT_TRUE(from_json.desired == desired);
    EXPECT_TRUE(from_full.good());
    EXPECT_TRUE(from_full.desired == desired);
    EXPECT_EQ(export_yaml(from_yaml.desired), yaml);
  }
}

TEST(Export, LeavesDefaultsOut) {
  EXPECT_EQ(export_yaml(good("minimal")),
            "listeners:\n  public:\n    bind: 127.0.0.1:8080\n    default: { forward: model }\n\n"
            "target_groups:\n  model: { endpoints: [127.0.0.1:9001] }\n");
  EXPECT_EQ(export_yaml(Desired{}), "{}\n");
}

TEST(Differences, AreNoneBetweenEquals) {
  EXPECT_TRUE(differences(good("everything"), good("everything")).empty());
  EXPECT_TRUE(differences(Desired{}, Desired{}).empty());
}

TEST(Differences, NameEachKeyWithBeforeAndAfter) {
  const Desired from = good("ocr");
  Desired to = from;
  to.target_groups["ocr"].queue.timeout = 10s;
  to.target_groups["ocr"].health_check.path = "/";
  to.scaling_groups["ocr"].desired = 2;
  to.listeners["public"].bind = {"0.0.0.0:8080", "[::]:8080"};
  to.listeners["public"].rules[0].match.path = {"/ocr"};
  to.target_groups["ocr"].algorithm.name = "random";

  const auto found = differences(from, to);

  const std::vector<Difference> expected = {
      {"listeners.public.bind", "[0.0.0.0:8080]", "[0.0.0.0:8080, \"[::]:8080\"]"},
      {"listeners.public.rules[0].match.path", "[/ocr, /ocr/*]", "[/ocr]"},
      {"target_groups.ocr.algorithm", "least_request", "random"},
      {"target_groups.ocr.queue.timeout", "30s", "10s"},
      {"target_groups.ocr.health_check.path", "/healthz", "/"},
      {"scaling_groups.ocr.desired", "", "2"},
  };
  EXPECT_EQ(found, expected);
}

TEST(Differences, ShowWhatComesAndGoesAsAWhole) {
  Desired from;
  from.target_groups["old"].max_in_flight = 2;
  from.target_groups["same"];
  Desired to;
  to.target_groups["same"];
  to.target_groups["new"];
  to.target_groups["larger"].endpoints = {{"127.0.0.1:1", 1, ""}};

  const auto found = differences(from, to);

  const std::vector<Difference> expected = {
      {"target_groups.old", "{ max_in_flight: 2 }", ""},
      {"target_groups.larger", "", "{ endpoints: [127.0.0.1:1] }"},
      {"target_groups.new", "", "all defaults"},
  };
  EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace weir
