#include "api/aws/elbv2/listener_settings.h"

#include <fmt/format.h>

#include <set>

#include "api/aws/elbv2/actions.h"
#include "api/aws/elbv2/certificates.h"
#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/names.h"
#include "model/tls_policy.h"

namespace weir::amazon::elbv2 {
namespace {

bool shows_certificates(const Listener& listener) {
  return listener.Protocol == "HTTPS" || listener.Protocol == "TLS";
}

Reply<void> check_protocol_of(const LoadBalancer& balancer, const std::string& protocol) {
  static const std::set<std::string> kRequests = {"HTTP", "HTTPS"};
  static const std::set<std::string> kStreams = {"TCP", "TLS", "UDP"};
  if ((is_network(balancer) ? kStreams : kRequests).contains(protocol)) return {};
  return refuse("UnsupportedProtocol",
                fmt::format("Protocol '{}' is not supported with load balancers of the type '{}'{}",
                            protocol, *balancer.Type,
                            protocol == "TCP_UDP" ? " here: make one of TCP and one of UDP" : ""));
}

Reply<void> check_ports(const ElbBook& book, const Listener& listener) {
  Reply<void> good;
  each_below(book.listeners, listener_prefix(*listener.LoadBalancerArn),
             [&](const std::string& arn, const Kept<Listener>& other) {
               if (arn == listener.ListenerArn || other.value.Port != listener.Port) return;
               good = refuse("DuplicateListener",
                             fmt::format("A listener already exists on this port for this load "
                                         "balancer '{}'",
                                         *listener.LoadBalancerArn));
             });
  return good;
}

Reply<void> check_certificates(const Books& books, Listener& listener) {
  if (!shows_certificates(listener)) {
    if (!listener.Certificates.empty()) {
      return refuse(
          "InvalidConfigurationRequest",
          fmt::format("Certificates cannot be specified for {} listeners", *listener.Protocol));
    }
    return {};
  }
  if (listener.Certificates.size() != 1) {
    return refuse(
        "ValidationError",
        listener.Certificates.empty()
            ? fmt::format("A certificate must be specified for {} listeners", *listener.Protocol)
            : "You can specify only one certificate when creating or modifying a "
              "listener");
  }
  Certificate& one = listener.Certificates.front();
  one.IsDefault.reset();
  if (certificate_exists(books, one.CertificateArn.value_or(""))) return {};
  return refuse("CertificateNotFound",
                fmt::format("Certificate '{}' not found", one.CertificateArn.value_or("")));
}

Reply<void> check_security(Listener& listener) {
  const bool secure = shows_certificates(listener);
  if (!secure &&
      (listener.SslPolicy || !listener.AlpnPolicy.empty() || listener.MutualAuthentication)) {
    return refuse("InvalidConfigurationRequest",
                  fmt::format("SslPolicy, AlpnPolicy and MutualAuthentication cannot be specified "
                              "for {} listeners",
                              *listener.Protocol));
  }
  if (!secure) return {};
  if (!listener.SslPolicy) listener.SslPolicy = std::string(kDefaultPolicy);
  if (!listener.SslPolicy->starts_with("ELBSecurityPolicy-") ||
      find_tls_policy(*listener.SslPolicy) == nullptr) {
    return refuse("SSLPolicyNotFound",
                  fmt::format("SSL policy '{}' not found", *listener.SslPolicy));
  }
  static const std::set<std::string> kAlpn = {"None", "HTTP1Only", "HTTP2Only", "HTTP2Optional",
                                              "HTTP2Preferred"};
  if (!listener.AlpnPolicy.empty() &&
      (listener.Protocol != "TLS" || !kAlpn.contains(listener.AlpnPolicy.front()))) {
    return refuse("ALPNPolicyNotFound",
                  fmt::format("ALPN policy '{}' is not supported with {} listeners",
                              listener.AlpnPolicy.front(), *listener.Protocol));
  }
  return {};
}

Reply<void> check_mutual(Listener& listener) {
  if (listener.Protocol != "HTTPS") {
    if (!listener.MutualAuthentication) return {};
    return refuse("InvalidConfigurationRequest",
                  fmt::format("MutualAuthentication cannot be specified for {} listeners",
                              *listener.Protocol));
  }
  if (!listener.MutualAuthentication) listener.MutualAuthentication.emplace();
  auto& mode = listener.MutualAuthentication->Mode;
  if (!mode) mode = "off";
  if (*mode == "off" || *mode == "passthrough") return {};
  return refuse("InvalidConfigurationRequest",
                fmt::format("The mutual authentication mode '{}' is not supported here: off, "
                            "passthrough",
                            *mode));
}

// What the former protocol had and the new one has not.
void drop_security(Listener& listener) {
  if (shows_certificates(listener)) return;
  listener.Certificates = {};
  listener.SslPolicy.reset();
  listener.AlpnPolicy = {};
  listener.MutualAuthentication.reset();
}

}  // namespace

Reply<void> set_listener(const Books& books, const ListenerSettings& wanted, Listener& listener) {
  const auto& book = books.get<ElbBook>();
  TRY(const auto* balancer, find_load_balancer(book, *listener.LoadBalancerArn));
  if (wanted.port) listener.Port = wanted.port;
  if (wanted.protocol) listener.Protocol = wanted.protocol;
  if (!listener.Port) return refuse("ValidationError", "A port must be specified");
  if (!listener.Protocol) return refuse("ValidationError", "A protocol must be specified");
  TRY_VOID(check_protocol_of(balancer->value, *listener.Protocol));
  TRY_VOID(check_ports(book, listener));
  drop_security(listener);
  if (wanted.policy) listener.SslPolicy = wanted.policy;
  if (wanted.alpn != nullptr && wanted.alpn->given()) listener.AlpnPolicy = *wanted.alpn;
  if (wanted.mutual) listener.MutualAuthentication = wanted.mutual;
  if (wanted.certificates != nullptr && !wanted.certificates->empty()) {
    listener.Certificates = *wanted.certificates;
  }
  TRY_VOID(check_certificates(books, listener));
  TRY_VOID(check_security(listener));
  TRY_VOID(check_mutual(listener));
  if (wanted.actions != nullptr && !wanted.actions->empty()) {
    listener.DefaultActions = *wanted.actions;
  }
  TRY(listener.DefaultActions, checked_actions(book, *listener.Protocol, listener.DefaultActions));
  return {};
}

}  // namespace weir::amazon::elbv2
