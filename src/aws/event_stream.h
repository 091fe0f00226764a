// application/vnd.amazon.eventstream: messages with typed headers, each with two CRC-32. Any
// thread.
//
// Format: docs.aws.amazon.com, "Event stream encoding" (Amazon Transcribe developer guide).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/shape.h"
#include "aws/value.h"
#include "base/result.h"

namespace weir::aws {

inline constexpr std::string_view kEventStreamType = "application/vnd.amazon.eventstream";

struct EventMessage {
  // bool, std::int64_t (32 bits where it fits), std::string and WallTime.
  std::vector<std::pair<std::string, Value>> headers;
  std::string payload;

  const std::string* text(std::string_view header) const;
};

std::string write_event_message(const EventMessage& message);

// Takes the first message off `bytes`; nothing where it is not whole yet. The error says what is
// malformed: lengths, checksums, header types.
Result<std::optional<EventMessage>> read_event_message(std::string_view& bytes);

// An event of a stream: the member of the stream's union, and the value of its shape.
EventMessage event_of(Protocol protocol, const Member& event, const Value& value);
// An event of one blob, and the end of a stream by an exception of the model.
EventMessage blob_event(std::string_view type, std::string_view bytes);
EventMessage exception_event(std::string_view type, std::string_view message);

}  // namespace weir::aws
