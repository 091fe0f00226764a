#include "model/event.h"

#include "base/check.h"
#include "base/units.h"
#include "config/json.h"

namespace weir {

std::string_view to_string(EventKind kind) {
  switch (kind) {
    case EventKind::launch:
      return "launch";
    case EventKind::launch_error:
      return "launch_error";
    case EventKind::terminate:
      return "terminate";
    case EventKind::terminate_error:
      return "terminate_error";
    case EventKind::alarm:
      return "alarm";
    case EventKind::refresh:
      return "refresh";
    case EventKind::hook:
      return "hook";
    case EventKind::spot:
      return "spot";
  }
  return "";
}

std::string to_json(const Event& event) {
  config::Node node = config::Node::map();
  node.add("id", config::Node::scalar(std::to_string(event.id)));
  node.add("time", config::Node::quote(to_string(event.time)));
  node.add("kind", config::Node::quote(std::string(to_string(event.kind))));
  const auto add = [&](const char* key, const std::string& text) {
    if (!text.empty()) node.add(key, config::Node::quote(text));
  };
  add("group", event.group);
  add("instance", event.instance);
  add("description", event.description);
  add("cause", event.cause);
  if (!event.details.empty()) {
    config::Node details = config::Node::map();
    for (const auto& [key, text] : event.details) details.add(key, config::Node::quote(text));
    node.add("details", std::move(details));
  }
  return config::write_json(node, -1);
}

}  // namespace weir
