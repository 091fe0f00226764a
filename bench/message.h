// The messages that load generator and backend agree on: requests, bodies, streamed events.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace weir::bench {

// `/` (200 bytes of JSON) or `/64k`; empty for any other path.
std::string_view body_of(std::string_view path);

// What a POST carries: 1 KiB of JSON. The backend refuses any other body.
std::string_view posted_body();

// A request like those of API clients: five headers. `post` adds the posted body.
std::string request_for(std::string_view path, bool post);

// One server-sent event. All have the same size; each carries the time at which it was sent.
class EventText {
 public:
  EventText();
  void stamp(Time sent);
  std::string_view text() const { return text_; }
  static std::size_t size();

 private:
  std::string text_;
};

// When the event was sent; nothing if it is not, byte for byte, an event of ours.
std::optional<Time> sent_time(std::string_view event);

}  // namespace weir::bench
