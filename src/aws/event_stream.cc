#include "aws/event_stream.h"

#include <zlib.h>

#include "aws/json.h"
#include "aws/xml.h"

namespace weir::aws {
namespace {

constexpr std::size_t kPrelude = 12;  // two lengths and their checksum
constexpr std::size_t kMost = 16 << 20;

enum HeaderType : unsigned char { yes, no, byte, small, integer, wide, bytes, text, timestamp };

std::uint32_t checksum(std::string_view of) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(of.data()), static_cast<uInt>(of.size())));
}

void append(std::string& out, std::uint64_t number, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(number >> shift & 255);
  }
}

std::uint64_t number(std::string_view from) {
  std::uint64_t made = 0;
  for (const char c : from) made = made << 8 | static_cast<unsigned char>(c);
  return made;
}

std::int64_t milliseconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

void append_header(std::string& out, const std::string& name, const Value& value) {
  append(out, name.size() & 255, 1);
  out += name.substr(0, 255);
  if (const auto* flag = value.as<bool>()) {
    append(out, *flag ? yes : no, 1);
  } else if (const auto* whole = value.as<std::int64_t>()) {
    const bool fits = *whole >= INT32_MIN && *whole <= INT32_MAX;
    append(out, fits ? integer : wide, 1);
    append(out, static_cast<std::uint64_t>(*whole), fits ? 4 : 8);
  } else if (const auto* time = value.as<WallTime>()) {
    append(out, timestamp, 1);
    append(out, static_cast<std::uint64_t>(milliseconds(*time)), 8);
  } else if (const auto* held = value.as<std::string>()) {
    append(out, text, 1);
    append(out, held->size() & 0xffff, 2);
    out += held->substr(0, 0xffff);
  }
}

class HeaderReader {
 public:
  explicit HeaderReader(std::string_view rest) : rest_(rest) {}

  Result<std::vector<std::pair<std::string, Value>>> read() {
    std::vector<std::pair<std::string, Value>> headers;
    while (!rest_.empty() && !failed_) {
      std::string name(take(number(take(1))));
      const auto type = number(take(1));
      Value value = read_value(type);
      headers.emplace_back(std::move(name), std::move(value));
    }
    if (failed_) return fail(Code::invalid, "a header of an event is malformed");
    return headers;
  }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    const auto piece = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return piece;
  }

  Value read_value(std::uint64_t type) {
    switch (type) {
      case yes:
        return true;
      case no:
        return false;
      case byte:
        return std::int64_t{static_cast<std::int8_t>(number(take(1)))};
      case small:
        return std::int64_t{static_cast<std::int16_t>(number(take(2)))};
      case integer:
        return std::int64_t{static_cast<std::int32_t>(number(take(4)))};
      case wide:
        return static_cast<std::int64_t>(number(take(8)));
      case bytes:
      case text:
        return std::string(take(number(take(2))));
      case timestamp: {
        const auto count = static_cast<std::int64_t>(number(take(8)));
        // What nanoseconds of 64 bits do not hold is no time that we know.
        if (count > INT64_MAX / 1'000'000 || count < INT64_MIN / 1'000'000) failed_ = true;
        return failed_ ? Value() : Value(WallTime(std::chrono::milliseconds(count)));
      }
      default:
        failed_ = true;
        return {};
    }
  }

  std::string_view rest_;
  bool failed_ = false;
};

std::string payload_of(Protocol protocol, const Member& member, const Value& value,
                       std::string& type) {
  const auto* held = value.as<std::string>();
  if (held && (member.shape->kind == Kind::blob || member.shape->kind == Kind::string)) {
    type = member.shape->kind == Kind::blob ? "application/octet-stream" : "text/plain";
    return *held;
  }
  if (protocol == Protocol::rest_xml) {
    type = "application/xml";
    std::string out;
    XmlWriter(out).value(member.name.empty() ? member.shape->name : member.name, member, value);
    return out;
  }
  type = "application/json";
  return write_json_value(member, value);
}

}  // namespace

const std::string* EventMessage::text(std::string_view header) const {
  for (const auto& [name, value] : headers) {
    if (name == header) return value.as<std::string>();
  }
  return nullptr;
}

std::string write_event_message(const EventMessage& message) {
  std::string headers;
  for (const auto& [name, value] : message.headers) append_header(headers, name, value);
  std::string out;
  append(out, kPrelude + headers.size() + message.payload.size() + 4, 4);
  append(out, headers.size(), 4);
  append(out, checksum(out), 4);
  out += headers;
  out += message.payload;
  append(out, checksum(out), 4);
  return out;
}

Result<std::optional<EventMessage>> read_event_message(std::string_view& bytes_left) {
  if (bytes_left.size() < kPrelude) return std::optional<EventMessage>();
  const std::size_t total = number(bytes_left.substr(0, 4));
  const std::size_t headers = number(bytes_left.substr(4, 4));
  if (number(bytes_left.substr(8, 4)) != checksum(bytes_left.substr(0, 8))) {
    return fail(Code::invalid, "the checksum of the lengths of an event is wrong");
  }
  if (total > kMost || total < kPrelude + 4 || headers > total - kPrelude - 4) {
    return fail(Code::invalid, "the lengths of an event are wrong");
  }
  if (bytes_left.size() < total) return std::optional<EventMessage>();
  const std::string_view whole = bytes_left.substr(0, total);
  if (number(whole.substr(total - 4)) != checksum(whole.substr(0, total - 4))) {
    return fail(Code::invalid, "the checksum of an event is wrong");
  }
  EventMessage message;
  TRY(message.headers, HeaderReader(whole.substr(kPrelude, headers)).read());
  message.payload = whole.substr(kPrelude + headers, total - kPrelude - headers - 4);
  bytes_left.remove_prefix(total);
  return std::optional<EventMessage>(std::move(message));
}

EventMessage event_of(Protocol protocol, const Member& event, const Value& value) {
  EventMessage made;
  made.headers = {{":message-type", "event"}, {":event-type", std::string(event.name)}};
  const auto* held = value.as<Structure>();
  if (!held) return made;
  const Shape& shape = *event.shape;
  bool has_payload = false, has_body = false;
  Structure body = *held;
  for (std::size_t i = 0; i < shape.members.size() && i < held->members.size(); ++i) {
    const Member& member = shape.members[i];
    if (member.event_header) {
      if (held->members[i].given()) made.headers.emplace_back(member.name, held->members[i]);
      body.members[i] = {};
    } else if (member.event_payload) {
      has_payload = true;
      if (!held->members[i].given()) continue;
      std::string type;
      made.payload = payload_of(protocol, member, held->members[i], type);
      made.headers.emplace_back(":content-type", type);
    } else {
      has_body = true;
    }
  }
  if (!has_payload && has_body) {
    std::string type;
    made.payload = payload_of(protocol, event, body, type);
    made.headers.emplace_back(":content-type", type);
  }
  return made;
}

EventMessage blob_event(std::string_view type, std::string_view content) {
  return {.headers = {{":message-type", "event"},
                      {":event-type", std::string(type)},
                      {":content-type", "application/octet-stream"}},
          .payload = std::string(content)};
}

EventMessage exception_event(std::string_view type, std::string_view message) {
  return {.headers = {{":message-type", "exception"},
                      {":exception-type", std::string(type)},
                      {":content-type", "application/json"}},
          .payload = "{\"Message\":" + json_quoted(message) + "}"};
}

}  // namespace weir::aws
