#include "scale/notice.h"

#include "base/wall_time.h"
#include "config/json.h"

namespace weir::scale {

Result<WallTime> parse_notice(std::string_view body) {
  config::Findings findings;
  const config::Node root = config::parse_json(body, 0, findings);
  if (!findings.empty() || root.kind != config::Node::Kind::map) {
    return fail(Code::invalid, "the answer is not a JSON object");
  }
  const config::Entry* action = root.find("action");
  if (!action || action->value.kind != config::Node::Kind::scalar) {
    return fail(Code::invalid, "the answer has no \"action\"");
  }
  const config::Entry* time = root.find("time");
  if (!time || time->value.kind != config::Node::Kind::scalar) {
    return fail(Code::invalid, "the answer has no \"time\"");
  }
  const auto parsed = parse_wall_time(time->value.text);
  if (!parsed) return fail("the \"time\" of the answer", parsed.error());
  return *parsed;
}

}  // namespace weir::scale
