// Field order: "Access logs for your Application Load Balancer", Elastic Load Balancing user guide,
// section "Syntax", from `type` to `conn_trace_id`.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "observe/access_record.h"

namespace weir::observe {
namespace {

std::string_view or_dash(std::string_view text) { return text.empty() ? "-" : text; }

// What stands between spaces without quotes: nothing in it may end the field or the line.
void bare(std::string& out, std::string_view text) {
  for (const char c : or_dash(text)) {
    const bool good = c > ' ' && c != '"' && c != '\\' && c != 0x7f;
    out += good ? c : '_';
  }
}

void escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f || c == '"' || c == '\\') {
      fmt::format_to(std::back_inserter(out), "\\x{:02X}", byte);
    } else {
      out += c;
    }
  }
}

void quoted(std::string& out, std::string_view text) {
  out += " \"";
  escaped(out, or_dash(text));
  out += '"';
}

// 2026-11-21T06:25:00.123456Z
void moment(std::string& out, WallTime time) {
  using namespace std::chrono;
  const auto second = floor<std::chrono::seconds>(time);
  const auto micros = duration_cast<microseconds>(time - second).count();
  fmt::format_to(
      std::back_inserter(out), "{:%Y-%m-%dT%H:%M:%S}.{:06}Z",
      fmt::gmtime(system_clock::to_time_t(time_point_cast<system_clock::duration>(second))),
      micros);
}

// "GET http://host/path HTTP/1.1"; a request that could not be read is "- - -".
void request_line(std::string& out, const AccessRecord& record) {
  out += " \"";
  escaped(out, or_dash(record.method));
  out += ' ';
  if (record.target.starts_with('/')) {
    out += "http://";
    escaped(out, or_dash(record.host));
  }
  escaped(out, or_dash(record.target));
  out += ' ';
  escaped(out, or_dash(record.protocol));
  out += '"';
}

// Until the request was sent, until the answer's head came, until it was passed on (at once).
// -1 each where no endpoint was asked, and for the later two where none answered.
void times(std::string& out, const AccessRecord& record) {
  const bool asked = !record.endpoint.empty();
  const bool answered = asked && record.first_byte > 0ns;
  const auto number = [&out](bool known, Duration d) {
    if (known) {
      fmt::format_to(std::back_inserter(out), " {:.3f}", seconds(std::max<Duration>(d, 0ns)));
    } else {
      out += " -1";
    }
  };
  number(asked, record.waited);
  number(answered, record.first_byte - record.waited);
  number(answered, 0ns);
}

std::string_view action_word(std::string_view action) {
  if (action == "fixed_response" || action == "denied") return "fixed-response";
  return action == "refused" ? "-" : action;
}

}  // namespace

void append_alb_line(std::string& out, const AccessRecord& record) {
  const auto status = [](std::uint16_t s) { return s ? std::to_string(s) : std::string("-"); };
  const bool failed = record.endpoint_status == 0 && record.status >= 400;
  out += record.tls_version.empty() ? "http " : "https ";
  moment(out, record.time + record.total);
  for (const std::string_view text :
       {record.listener, std::string_view(record.client), std::string_view(record.endpoint)}) {
    out += ' ';
    bare(out, text);
  }
  times(out, record);
  fmt::format_to(std::back_inserter(out), " {} {} {} {}", status(record.status),
                 status(record.endpoint_status), record.bytes_in, record.bytes_out);
  request_line(out, record);
  quoted(out, record.user_agent);
  out += ' ';
  bare(out, record.tls_cipher);
  out += ' ';
  bare(out, record.tls_version);
  out += ' ';
  bare(out, record.group);
  quoted(out, record.trace);
  out += " \"-\" \"-\" ";  // domain_name and chosen_cert_arn of TLS
  out += record.priority < 0 ? "-" : std::to_string(record.priority);
  out += ' ';
  moment(out, record.time);
  quoted(out, action_word(record.action));
  quoted(out, "");  // redirect_url
  quoted(out, failed ? record.reason : "");
  quoted(out, record.endpoint);
  quoted(out, record.endpoint_status ? status(record.endpoint_status) : "");
  out += " \"-\" \"-\" -\n";  // classification, classification_reason, conn_trace_id
}

}  // namespace weir::observe
