#include "aws/event_stream.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "aws/protocol_cases.h"
#include "aws/text.h"

namespace weir::aws {
namespace {

std::vector<EventMessage> all(std::string_view bytes) {
  std::vector<EventMessage> messages;
  while (!bytes.empty()) {
    auto message = read_event_message(bytes);
    if (!message || !*message) break;
    messages.push_back(**std::move(message));
  }
  EXPECT_TRUE(bytes.empty());
  return messages;
}

std::string seen(const EventMessage& message) {
  std::vector<std::string> headers;
  for (const auto& [name, value] : message.headers) {
    if (name != ":content-type") headers.push_back(name + "=" + shown(value));
  }
  std::sort(headers.begin(), headers.end());
  std::string text;
  for (const std::string& header : headers) text += header + " ";
  if (message.payload.starts_with('{')) return text + normal_json(message.payload);
  if (!message.payload.starts_with('<')) return text + message.payload;
  const std::string xml = normal_xml(message.payload);
  return text + xml.substr(xml.find('>'));  // nobody reads the name of the root
}

// The event of {"TypeA": {...}} in the union of the operation's stream.
EventMessage written(const ProtocolCase& one, const Shape& stream,
                     const nlohmann::ordered_json& given) {
  const std::string type = given.items().begin().key();
  const Member& event = stream.members[static_cast<std::size_t>(stream.find(type))];
  return event_of(one.protocol, event, value_from_case(event, given[type]));
}

TEST(EventStream, EachEventIsWrittenAsClientsReadIt) {
  std::size_t events = 0;

  for (const ProtocolCase& one : protocol_cases("output")) {
    if (!one.operation->streams) continue;
    const Shape& output = *one.operation->output.shape;
    const auto stream = static_cast<std::size_t>(output.find("Payload"));
    auto expected = all(decode_base64(one.data["response"].value("body", "")).value());
    // The first message of the JSON form holds the other members of the output.
    if (one.protocol == Protocol::json) expected.erase(expected.begin());
    const auto& given = one.data["result"]["Payload"];
    ASSERT_EQ(expected.size(), given.size()) << one.name;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const EventMessage event = written(one, *output.members[stream].shape, given[i]);
      const auto round = all(write_event_message(event));
      ASSERT_EQ(round.size(), 1u);
      EXPECT_EQ(seen(round[0]), seen(expected[i])) << one.name;
      ++events;
    }
  }

  EXPECT_EQ(events, 5u);
}

TEST(EventStream, WaitsForTheRestOfAMessage) {
  const std::string whole = write_event_message(blob_event("PayloadPart", "tokens"));
  std::string_view part = std::string_view(whole).substr(0, whole.size() - 1);

  const auto message = read_event_message(part);

  ASSERT_TRUE(message);
  EXPECT_FALSE(message->has_value());
}

TEST(EventStream, RefusesAMessageWhoseChecksumIsWrong) {
  std::string whole = write_event_message(exception_event("ModelStreamError", "gone"));
  whole[20] ^= 1;
  std::string_view bytes = whole;

  EXPECT_FALSE(read_event_message(bytes));
}

}  // namespace
}  // namespace weir::aws
