// What the user asked for in matters of TLS: certificates, policies, trust. Plain values; part of
// desired.h.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"

namespace weir {

struct TlsCertificate {
  std::string certificate;  // PEM file: the certificate, then those that lead to its root
  std::string key;          // PEM file of its private key; by default the same file
  std::string ocsp;         // DER file of an OCSP response to staple; empty: none
  bool operator==(const TlsCertificate&) const = default;
};

// Certificates of clients, as ALB has them.
struct MutualAuthentication {
  std::string mode = "off";  // off, verify, passthrough
  std::string ca;            // PEM file of those that may sign them; for verify
  bool operator==(const MutualAuthentication&) const = default;
};

struct ListenerTls {
  std::vector<TlsCertificate> certificates;         // chosen by SNI; the first is the default
  std::string policy = "weir-default";              // versions and ciphers: tls_policy.h
  std::vector<std::string> alpn{"h2", "http/1.1"};  // in the order of our preference
  bool session_tickets = true;
  Duration session_time = 12h;  // how long a session may be resumed
  MutualAuthentication mutual_authentication;
  bool operator==(const ListenerTls&) const = default;
};

// Towards the endpoints of a target group.
struct EndpointTls {
  bool verify = true;  // the endpoint's certificate must be good
  std::string ca;      // PEM file of those that may sign it; empty: the system's
  std::string
      server_name;  // asked for and looked for in the certificate; empty: the endpoint's own
  std::string certificate;  // PEM file, shown to the endpoint; empty: none
  std::string key;          // of `certificate`; by default the same file
  bool operator==(const EndpointTls&) const = default;
};

}  // namespace weir
