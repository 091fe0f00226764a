// The tables of TLS: certificates of listeners, trust in endpoints.
#include "config/field.h"
#include "model/desired_fields.h"
#include "model/desired_syntax.h"
#include "model/tls_policy.h"

namespace weir {

using config::also_called;
using config::between;
using config::field;
using config::is;
using config::one_of;
using config::required;
using config::struct_type;
using config::Verdict;

namespace {

Verdict alpn_protocol(const std::string& text) {
  if (text == "h2" || text == "http/1.1") return std::nullopt;
  return config::Complaint{"unknown protocol '" + text + "'", "write h2 or http/1.1"};
}

}  // namespace

const config::Type& config_type(const TlsCertificate*) {
  static const auto type = struct_type<TlsCertificate>(
      "map",
      {also_called(field("certificate", &TlsCertificate::certificate,
                         "PEM file: the certificate, then those that lead to its root",
                         required("certificate: /etc/weir/example.pem"), is(syntax::file_path)),
                   {"cert", "crt", "cert_file", "certificate_file", "chain", "fullchain",
                    "ssl_certificate", "file"}),
       also_called(
           field("key", &TlsCertificate::key,
                 "PEM file of its private key; by default the same file", is(syntax::file_path)),
           {"private_key", "key_file", "ssl_certificate_key"}),
       also_called(field("ocsp", &TlsCertificate::ocsp,
                         "DER file of an OCSP response that is stapled; empty: none",
                         is(syntax::file_path)),
                   {"ocsp_file", "ocsp_staple", "ssl_stapling_file", "ocsp_response"})});
  return type;
}

const config::Type& config_type(const MutualAuthentication*) {
  static const auto type = struct_type<MutualAuthentication>(
      "map",
      {also_called(field("mode", &MutualAuthentication::mode,
                         "off; verify: clients without a good certificate are refused, and the "
                         "endpoint is told of theirs in X-Amzn-Mtls-Clientcert-* headers; "
                         "passthrough: whatever they show is passed on in X-Amzn-Mtls-Clientcert, "
                         "unjudged",
                         one_of({"off", "verify", "passthrough"})),
                   {"client_auth"}),
       also_called(field("ca", &MutualAuthentication::ca,
                         "PEM file of those that may sign clients' certificates; for verify",
                         is(syntax::file_path)),
                   {"trust_store", "ca_file", "ca_certificates", "client_ca"})});
  return type;
}

const config::Type& config_type(const ListenerTls*) {
  static const auto type = struct_type<ListenerTls>(
      "map",
      {also_called(field("certificates", &ListenerTls::certificates,
                         "chosen by the name that the client asks for (exact, then *.name); the "
                         "first is the default; for one name an RSA and an ECDSA certificate may "
                         "stand side by side"),
                   {"certificate", "certs"}),
       also_called(
           field("policy", &ListenerTls::policy,
                 "versions and ciphers: weir-default (TLS 1.2 and 1.3, forward secrecy, AEAD) or "
                 "one of AWS's ELBSecurityPolicy-: TLS13-1-3-2021-06, TLS13-1-2-2021-06, "
                 "TLS13-1-2-Res-2021-06, TLS13-1-2-Ext1-2021-06, TLS13-1-2-Ext2-2021-06, "
                 "FS-1-2-Res-2020-10, FS-1-2-Res-2019-08, FS-1-2-2019-08, TLS-1-2-2017-01",
                 is(tls_policy_name)),
           {"ssl_policy", "security_policy"}),
       field("alpn", &ListenerTls::alpn, "protocols offered by ALPN, the best first",
             is(alpn_protocol, "h2, http/1.1")),
       also_called(field("session_tickets", &ListenerTls::session_tickets,
                         "sessions are resumed by tickets; their keys are renewed by themselves"),
                   {"tickets"}),
       also_called(field("session_time", &ListenerTls::session_time,
                         "how long a session may be resumed", between(1s, 24h * 7)),
                   {"session_timeout", "ssl_session_timeout"}),
       also_called(field("mutual_authentication", &ListenerTls::mutual_authentication,
                         "certificates of clients"),
                   {"mtls", "client_certificates", "mutual_tls"})});
  return type;
}

const config::Type& config_type(const EndpointTls*) {
  static const auto type = struct_type<EndpointTls>(
      "map",
      {field("verify", &EndpointTls::verify,
             "false: an endpoint's certificate is not looked at, and anybody can play it"),
       also_called(field("ca", &EndpointTls::ca,
                         "PEM file of those that may sign endpoints' certificates; empty: the "
                         "system's",
                         is(syntax::file_path)),
                   {"ca_file", "trust_store", "trusted_ca"}),
       also_called(field("server_name", &EndpointTls::server_name,
                         "the name asked for (SNI) and looked for in the certificate; by default "
                         "the name or address of the endpoint"),
                   {"sni", "servername"}),
       also_called(field("certificate", &EndpointTls::certificate,
                         "PEM file of a certificate to show to endpoints", is(syntax::file_path)),
                   {"cert", "crt", "client_certificate"}),
       also_called(
           field("key", &EndpointTls::key, "PEM file of its private key; by default the same file",
                 is(syntax::file_path)),
           {"private_key", "client_key"})});
  return type;
}

}  // namespace weir
