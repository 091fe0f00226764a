// AccessRecord: what is written of one request, or of a connection of layer 4, to the access log.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace weir::observe {

struct AccessRecord {
  WallTime time{};  // when the request had been read
  std::string_view listener;
  std::string client;  // address:port
  std::string_view method;
  std::string_view target;
  std::string_view protocol;  // HTTP/1.1
  std::string_view host;
  std::string_view tls_version;  // TLSv1.3; "" in the clear
  std::string_view tls_cipher;   // by OpenSSL's names
  std::string_view user_agent;
  std::string_view request_id;
  std::string_view trace;             // traceparent
  std::string_view group;             // "" when weir answered
  std::string endpoint;               // address; "" when weir answered
  std::uint16_t status = 0;           // sent to the client; 0: none was
  std::uint16_t endpoint_status = 0;  // received; 0: none was
  std::uint64_t bytes_in = 0;         // bodies
  std::uint64_t bytes_out = 0;
  Duration waited{0};      // in the waiting room
  Duration first_byte{0};  // from the request to the first byte of the response; 0: none came
  Duration total{0};
  std::uint32_t attempts = 0;
  std::string_view action;     // forward, redirect, fixed_response, denied, refused
  std::string_view rule;       // name of the rule that decided; "" where it has none
  std::int32_t priority = -1;  // of that rule; 0 is the default action, -1 none decided
  std::string_view reason;     // why this endpoint, or why an error: a short phrase
  bool cut = false;            // the stream ended before its end
  bool connection = false;  // of layer 4: protocol is TCP, TLS or UDP, host the server name of TLS
  std::string_view alpn;    // of TLS passed through: the protocol that the client likes best
};

// One JSON object with a line feed.
void append_json_line(std::string& out, const AccessRecord& record);
// The access log entry of AWS's Application Load Balancer, in its field order; what weir has no
// word for is "-".
void append_alb_line(std::string& out, const AccessRecord& record);
// Likewise of AWS's Network Load Balancer, for connections.
void append_nlb_line(std::string& out, const AccessRecord& record);

// Writes lines to a file from a thread of its own. Any thread.
class AccessLog {
 public:
  enum class Format { json, alb };
  // Appends to the file, made with mode 0640.
  static Result<std::unique_ptr<AccessLog>> open(const std::string& path, Format format);
  virtual ~AccessLog() = default;
  // Never blocks: when the disk is slower than the traffic, lines are dropped and counted.
  virtual void write(const AccessRecord& record) = 0;
  // After the file was renamed by logrotate: opens the path anew; what is written after this call
  // stands in the new file. When that fails the old one is kept, and the log says so.
  virtual void reopen() = 0;
  // Lines lost to a full queue or a failing disk.
  virtual std::uint64_t dropped() const = 0;
};

}  // namespace weir::observe
