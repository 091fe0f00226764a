// Field order: "Access logs for your Network Load Balancer", Elastic Load Balancing user guide,
// section "Access log entries", version 2.0, from `type` to `tls_connection_creation_time`. What
// weir does not decrypt, and what it has no word for, is "-".
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <iterator>

#include "observe/access_record.h"

namespace weir::observe {
namespace {

// Nothing in a field may end it, or the line.
void field(std::string& out, std::string_view text) {
  out += ' ';
  for (const char c : text.empty() ? std::string_view("-") : text) {
    const bool good = c > ' ' && c != '"' && c != '\\' && c != 0x7f;
    out += good ? c : '_';
  }
}

// 2026-11-21T06:25:00, as this log has it
void second_of(std::string& out, WallTime time) {
  using namespace std::chrono;
  const auto second = floor<std::chrono::seconds>(time);
  fmt::format_to(
      std::back_inserter(out), " {:%Y-%m-%dT%H:%M:%S}",
      fmt::gmtime(system_clock::to_time_t(time_point_cast<system_clock::duration>(second))));
}

}  // namespace

void append_nlb_line(std::string& out, const AccessRecord& record) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  out += record.protocol == "TLS" ? "tls" : record.protocol == "UDP" ? "udp" : "tcp";
  out += " 2.0";
  second_of(out, record.time + record.total);
  field(out, "-");  // elb
  field(out, record.listener);
  field(out, record.client);
  field(out, record.endpoint);
  fmt::format_to(std::back_inserter(out), " {} - {} {}",
                 duration_cast<milliseconds>(record.total).count(), record.bytes_in,
                 record.bytes_out);
  // incoming_tls_alert, chosen_cert_arn, chosen_cert_serial, tls_cipher, tls_protocol_version,
  // tls_named_group
  out += " - - - - - -";
  field(out, record.host);
  out += " - -";  // alpn_fe_protocol, alpn_be_protocol: what was agreed on is not seen
  field(out, record.alpn);
  second_of(out, record.time);
  out += '\n';
}

}  // namespace weir::observe
