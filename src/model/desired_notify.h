// What the user asked for in matters of being told: webhooks, commands, and of what. Plain values;
// part of desired.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "model/names.h"

namespace weir {

// Where a JSON text is posted to.
struct Webhook {
  std::string url;          // http:// or https://
  std::string secret;       // signs what is sent; empty, and no file: unsigned
  std::string secret_file;  // holds the secret; read anew for each call
  std::string ca;           // PEM file of those that may sign its certificate; empty: the system's
  Duration timeout = 10s;   // of one attempt
  std::uint32_t retries = 5;  // after the first attempt
  bool operator==(const Webhook&) const = default;
};

// Who is told of what: one webhook or one command.
struct Notification {
  Names events = {"all"};  // kinds of events (event.h), all, or none
  Names scaling_groups;    // whose; empty: all, and what is about none
  std::optional<Webhook> webhook;
  Names command;                   // argv; gets the event as JSON on its standard input
  Duration command_timeout = 30s;  // then it is killed
  bool operator==(const Notification&) const = default;
};

}  // namespace weir
