#include "bench/message.h"

#include <gtest/gtest.h>

namespace weir::bench {
namespace {

TEST(Message, BodiesHaveTheirNominalSizes) {
  EXPECT_EQ(body_of("/").size(), 200u);
  EXPECT_EQ(body_of("/64k").size(), 65536u);
  EXPECT_EQ(posted_body().size(), 1024u);
  EXPECT_TRUE(body_of("/other").empty());
}

TEST(Message, PostCarriesItsBodyAndLength) {
  const std::string request = request_for("/", true);

  EXPECT_TRUE(request.starts_with("POST / HTTP/1.1\r\n"));
  EXPECT_NE(request.find("Content-Length: 1024\r\n\r\n"), std::string::npos);
  EXPECT_TRUE(request.ends_with(posted_body()));
}

TEST(EventText, CarriesTheTimeItWasSent) {
  EventText event;
  const Time sent = Time(Duration(1234567890123456));

  event.stamp(sent);

  EXPECT_EQ(event.text().size(), EventText::size());
  EXPECT_TRUE(event.text().ends_with("\n\n"));
  EXPECT_EQ(sent_time(event.text()), sent);
}

TEST(EventText, RefusesADamagedEvent) {
  EventText event;
  event.stamp(Time(Duration(5)));

  for (std::size_t i = 0; i < EventText::size(); ++i) {
    std::string damaged(event.text());
    damaged[i] = '#';

    EXPECT_EQ(sent_time(damaged), std::nullopt) << "at byte " << i;
  }
}

}  // namespace
}  // namespace weir::bench
