#include "model/event.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(EventJson, LeavesOutWhatIsEmpty) {
  Event event;
  event.id = 7;
  event.time = WallTime(std::chrono::seconds(1'800'000'000));
  event.kind = EventKind::terminate_error;
  event.group = "ocr";

  EXPECT_EQ(to_json(event),
            R"({"id":7,"time":"2027-01-15T08:00:00.000Z","kind":"terminate_error","group":"ocr"})");
}

TEST(EventJson, IsOneLineWhateverTheTextsHold) {
  Event event;
  event.kind = EventKind::alarm;
  event.cause = "two\nlines and a \"quote\"";
  event.details = {{"state", "ALARM"}};

  const std::string json = to_json(event);

  EXPECT_EQ(json.find('\n'), json.npos);
  EXPECT_NE(json.find(R"("cause":"two\nlines and a \"quote\"")"), json.npos) << json;
  EXPECT_NE(json.find(R"("details":{"state":"ALARM"})"), json.npos) << json;
}

}  // namespace
}  // namespace weir
