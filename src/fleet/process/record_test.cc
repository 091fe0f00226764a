#include "fleet/process/record.h"

#include <gtest/gtest.h>

namespace weir::fleet {
namespace {

TEST(Record, ComesBackAsItWent) {
  Record record;
  record.group = "ocr";
  record.version = 3;
  record.port = 20001;
  record.devices = {"0", "GPU-1"};
  record.cpus = 0.5;
  record.memory = Bytes{1u << 30};
  record.processes = 9;
  record.started = WallTime(1'700'000'000'123'456'789ns);
  record.log = "/var/log/i-1.log";
  record.cgroup = {{"memory", "/sys/fs/cgroup/memory/weir-1/i-1"}};
  record.process = {4711, 98765432101};
  record.boot = "b";
  record.stopping = true;
  record.grace = 5s;

  const auto back = parse_record(to_json(record));

  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(to_json(*back), to_json(record));
  EXPECT_EQ(back->process, record.process);
  EXPECT_EQ(back->started, record.started);
  EXPECT_EQ(back->devices, record.devices);
  EXPECT_EQ(back->cgroup, record.cgroup);
  EXPECT_EQ(back->grace, 5s);
}

TEST(Record, NonsenseIsAnError) {
  for (const char* text : {"", "{", "[]", "{}", "{\"group\": 7}"}) {
    EXPECT_FALSE(parse_record(text)) << text;
  }
}

}  // namespace
}  // namespace weir::fleet
