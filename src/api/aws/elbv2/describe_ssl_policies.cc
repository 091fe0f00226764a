// weir's policies by AWS's names; all of them serve both types of load balancer, on one page.
#include <fmt/format.h>

#include <algorithm>

#include "api/aws/elbv2/find.h"
#include "api/aws/world.h"
#include "model/tls_policy.h"

namespace weir::amazon::elbv2 {
namespace {

constexpr std::string_view kAws = "ELBSecurityPolicy-";

void add_ciphers(std::string_view names, ListOf<Cipher>& ciphers) {
  while (!names.empty()) {
    const auto end = std::min(names.find(':'), names.size());
    ciphers.push_back({.Name = std::string(names.substr(0, end)),
                       .Priority = static_cast<std::int64_t>(ciphers.size() + 1)});
    names.remove_prefix(std::min(end + 1, names.size()));
  }
}

SslPolicy described(const TlsPolicy& policy) {
  SslPolicy out;
  out.Name = std::string(policy.name);
  if (policy.tls12) out.SslProtocols.push_back("TLSv1.2");
  if (policy.tls13) out.SslProtocols.push_back("TLSv1.3");
  add_ciphers(policy.ciphersuites, out.Ciphers);
  add_ciphers(policy.ciphers, out.Ciphers);
  out.SupportedLoadBalancerTypes = {"application", "network"};
  return out;
}

}  // namespace

Task<Reply<DescribeSSLPoliciesOutput>> describe_ssl_policies(Context&,
                                                             const DescribeSSLPoliciesInput& in) {
  DescribeSSLPoliciesOutput out;
  for (const std::string& name : in.Names) {
    if (!name.starts_with(kAws) || find_tls_policy(name) == nullptr) {
      return refuse("SSLPolicyNotFound", fmt::format("SSL policy '{}' not found", name));
    }
  }
  for (const TlsPolicy& policy : tls_policies()) {
    const std::string name(policy.name);
    if (!name.starts_with(kAws) || in.LoadBalancerType == "gateway") continue;  // weir's own
    if (in.Names.empty() || std::ranges::find(in.Names, name) != in.Names.end()) {
      out.SslPolicies.push_back(described(policy));
    }
  }
  return out;
}

}  // namespace weir::amazon::elbv2
