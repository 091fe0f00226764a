#include <gtest/gtest.h>

#include "control/handover.h"

namespace weir::control {
namespace {

TEST(HandoverLines, ComeBackAsTheyWere) {
  Handover said;
  said.version = "1";
  said.state_path = "/var/lib/weir/state.db";
  said.listeners = {{"public", "0.0.0.0:80", 4}, {"odd \"name\"", "unix:/x", 1}};
  said.admin_bind = "127.0.0.1:9901";
  said.admin_socket = "/s";
  said.endpoints.push_back({"g", "a:1", true, true, false, 3, 42, 7, 0.25, 99});

  said.ticket_keys = {std::string("\0\xff key", 6), "other"};

  const std::string line = to_line(said);
  const auto heard = parse_handover(line);

  ASSERT_TRUE(heard) << heard.error().message;
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(to_line(*heard), line);
  EXPECT_EQ(heard->listeners.at(1).name, "odd \"name\"");
  EXPECT_EQ(heard->endpoints.at(0).in_flight, 3u);
  EXPECT_EQ(heard->ticket_keys, said.ticket_keys);
}

TEST(HandoverLines, TellOnlyWhatIsInFlightAfterwards) {
  EndpointMemory busy, idle;
  busy.group = idle.group = "g";
  busy.address = "a:1";
  busy.in_flight = 2;

  const auto heard = parse_load(load_line({busy, idle}));

  ASSERT_TRUE(heard);
  ASSERT_EQ(heard->size(), 1u);
  EXPECT_EQ(heard->at(0).address, "a:1");
  EXPECT_EQ(heard->at(0).in_flight, 2u);
}

TEST(HandoverLines, AreRefusedWhereTheyMeanNothing) {
  for (const char* line : {"", "no", "[]", "{}", "{\"state\":1}", "{\"state\":\"/x\"}",
                           "{\"state\":\"/x\",\"listeners\":3,\"endpoints\":[]}",
                           "{\"state\":\"/x\",\"listeners\":[{}],\"endpoints\":[]}"}) {
    EXPECT_FALSE(parse_handover(line)) << line;
  }
  for (const char* line :
       {"", "no", "[1]", "[[\"g\"]]", "[[\"g\",\"a\",\"x\"]]", "[[\"g\",\"a\",-1]]",
        "[[\"g\",\"a\",1.5]]", "[[\"g\",\"a\",5000000000]]", "[[\"g\",\"a\",4e66]]"}) {
    EXPECT_FALSE(parse_load(line)) << line;
  }
}

}  // namespace
}  // namespace weir::control
