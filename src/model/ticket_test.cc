#include "model/ticket.h"

#include <gtest/gtest.h>

#include <string>

namespace weir {
namespace {

constexpr SipKey kKey = {11, 22};
constexpr WallTime kNow(1'795'242'300s);

TEST(Ticket, NamesWhatItWasWrittenFor) {
  const std::uint64_t name = ticket_name(kKey, "10.0.0.1:80");

  const std::string text = write_ticket(kKey, "ocr", name, kNow + 60s);

  EXPECT_EQ(text.size(), 27u);
  EXPECT_EQ(read_ticket(kKey, "ocr", text, kNow), name);
}

TEST(Ticket, RunsOut) {
  const std::string text = write_ticket(kKey, "ocr", 7, kNow + 60s);

  EXPECT_TRUE(read_ticket(kKey, "ocr", text, kNow + 59s));
  EXPECT_FALSE(read_ticket(kKey, "ocr", text, kNow + 60s));
}

TEST(Ticket, IsReadByItsScopeAndKeyAlone) {
  const std::string text = write_ticket(kKey, "ocr", 7, kNow + 60s);

  EXPECT_FALSE(read_ticket(kKey, "other", text, kNow));
  EXPECT_FALSE(read_ticket({11, 23}, "ocr", text, kNow));
}

TEST(Ticket, IsRefusedWhenAnyOfItsBitsIsChanged) {
  const std::string text = write_ticket(kKey, "ocr", 7, kNow + 60s);
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char c : std::string("AQgw_-9=")) {
      std::string changed = text;
      changed[i] = c;
      EXPECT_EQ(read_ticket(kKey, "ocr", changed, kNow).has_value(), changed == text) << changed;
    }
  }
  EXPECT_FALSE(read_ticket(kKey, "ocr", text + "A", kNow));
  EXPECT_FALSE(read_ticket(kKey, "ocr", text.substr(1), kNow));
  EXPECT_FALSE(read_ticket(kKey, "ocr", "", kNow));
}

TEST(Ticket, HidesWhatItNames) {
  EXPECT_NE(ticket_name(kKey, "10.0.0.1:80"), ticket_name({11, 23}, "10.0.0.1:80"));
  EXPECT_NE(ticket_name(kKey, "10.0.0.1:80"), ticket_name(kKey, "10.0.0.2:80"));
}

}  // namespace
}  // namespace weir
