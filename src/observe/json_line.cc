#include <fmt/format.h>

#include <iterator>

#include "base/log_format.h"
#include "base/units.h"
#include "observe/access_record.h"

namespace weir::observe {
namespace {

// Texts that are empty are left out; numbers always stand.
void text(std::string& out, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  fmt::format_to(std::back_inserter(out), ",\"{}\":", key);
  append_json_string(out, value);
}

void number(std::string& out, std::string_view key, std::uint64_t value) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":{}", key, value);
}

void time(std::string& out, std::string_view key, Duration value) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":{:.6f}", key, seconds(value));
}

}  // namespace

void append_json_line(std::string& out, const AccessRecord& record) {
  fmt::format_to(std::back_inserter(out), "{{\"time\":\"{}\"", to_string(record.time));
  text(out, "listener", record.listener);
  text(out, "client", record.client);
  text(out, "method", record.method);
  text(out, "target", record.target);
  text(out, "protocol", record.protocol);
  text(out, "host", record.host);
  text(out, "alpn", record.alpn);
  if (!record.tls_version.empty()) {
    text(out, "tls_version", record.tls_version);
    text(out, "tls_cipher", record.tls_cipher);
  }
  text(out, "user_agent", record.user_agent);
  text(out, "request_id", record.request_id);
  text(out, "trace", record.trace);
  text(out, "group", record.group);
  text(out, "endpoint", record.endpoint);
  number(out, "status", record.status);
  number(out, "endpoint_status", record.endpoint_status);
  number(out, "bytes_in", record.bytes_in);
  number(out, "bytes_out", record.bytes_out);
  time(out, "waited_seconds", record.waited);
  time(out, "first_byte_seconds", record.first_byte);
  time(out, "total_seconds", record.total);
  number(out, "attempts", record.attempts);
  text(out, "action", record.action);
  text(out, "rule", record.rule);
  if (record.priority > 0) {
    number(out, "rule_priority", static_cast<std::uint64_t>(record.priority));
  }
  text(out, "reason", record.reason);
  fmt::format_to(std::back_inserter(out), ",\"cut\":{}}}\n", record.cut);
}

}  // namespace weir::observe
