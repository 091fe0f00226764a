// Router: method and path to the operation that serves them, out of routes.def. Pure; any thread.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "api/native/answer.h"
#include "api/native/guard.h"
#include "base/task.h"
#include "control/control.h"
#include "net/background.h"
#include "net/reactor.h"
#include "observe/metrics.h"

namespace weir::api {

// Answers that go on until somebody ends them. Lives on the control thread.
struct Streams {
  std::set<net::Signal*> all;  // set when the server ends
  bool ending = false;
};

// What operations work on. Lives on the control thread.
struct Context {
  net::Reactor& reactor;
  net::Background& files;  // reads and parses configurations
  control::Control& control;
  const observe::Registry& registry;
  std::string version;
  std::function<void(bool instances)> on_stop;
  std::function<void(net::Fd)> on_takeover;  // the connection of a successor
  Streams streams = {};
};

// One request. Its strings live until the answer.
struct Ask {
  std::string name;   // the segment that * stood for
  std::string query;  // without '?'
  std::string content_type;
  std::string last_event_id;
  std::string body;
  bool local = false;  // over the Unix socket
};

using Operation = Task<Answer> (*)(Context&, const Ask&);

struct Route {
  std::string_view method;
  std::string_view path;
  Need need;
  Operation operation;
};

struct Found {
  const Route* route = nullptr;  // null: no such path, or not with this method
  std::string name;
  std::string allow;  // the methods of the path, where it has others
};

std::span<const Route> routes();
// HEAD is GET.
Found find_route(std::string_view method, std::string_view path);

// %41 to A; what is no escape stays as it is.
std::string percent_decode(std::string_view text);
// The value of `key` in a=1&b=2, decoded. nullopt: it is not there.
std::optional<std::string> query_value(std::string_view query, std::string_view key);

#define ROUTE(method, path, need, operation) Task<Answer> operation(Context&, const Ask&);
#include "api/native/routes.def"
#undef ROUTE

}  // namespace weir::api
