// TLS: keys that need each other. What is in the files is for tls::inspect.
#include "model/desired_validate.h"

namespace weir {
namespace {

using config::Findings;
using config::Trail;

void check_listener(const Listener& listener, const Trail& where, Findings& findings) {
  const Trail tls = where.enter("tls");
  if (!is_secure(listener)) {
    if (!(listener.tls == ListenerTls{})) {
      findings.add(tls, "the listener's protocol is " + listener.protocol,
                   "write protocol: https or tls, or remove tls:");
    }
    return;
  }
  if (listener.tls.certificates.empty()) {
    findings.add(tls.enter("certificates"),
                 fmt::format("an {} listener needs a certificate", listener.protocol),
                 "write tls: { certificates: [{ certificate: FILE, key: FILE }] }");
  }
  if (listener.tls.alpn.empty()) {
    findings.add(tls.enter("alpn"), "is empty", "write alpn: [http/1.1], or remove it");
  }
  const MutualAuthentication& mutual = listener.tls.mutual_authentication;
  const Trail here = tls.enter("mutual_authentication");
  if (mutual.mode == "verify" && mutual.ca.empty()) {
    findings.add(here.enter("ca"), "is missing", "name the file of those that sign certificates");
  }
  if (mutual.mode != "verify" && !mutual.ca.empty()) {
    findings.add(here.enter("ca"), "is for mode: verify alone", "write mode: verify, or remove it");
  }
}

void check_group(const TargetGroup& group, const Trail& where, Findings& findings) {
  const bool secure = is_secure(group) || group.health_check.protocol == "https";
  const Trail tls = where.enter("tls");
  if (!secure && !(group.tls == EndpointTls{})) {
    findings.add(tls, "the target group's protocol is " + group.protocol,
                 "write protocol: https or tls, or remove tls:");
  }
  if (!group.tls.verify && !group.tls.ca.empty()) {
    findings.add(tls.enter("ca"), "is not used with verify: false", "remove one of them");
  }
  if (group.tls.certificate.empty() && !group.tls.key.empty()) {
    findings.add(tls.enter("key"), "has no certificate", "name its certificate: file too");
  }
}

}  // namespace

void validate_tls(const Desired& desired, Findings& findings) {
  const Trail root;
  const Trail listeners = root.enter("listeners");
  for (const auto& [name, listener] : desired.listeners) {
    check_listener(listener, listeners.enter(name), findings);
  }
  const Trail groups = root.enter("target_groups");
  for (const auto& [name, group] : desired.target_groups) {
    check_group(group, groups.enter(name), findings);
  }
}

}  // namespace weir
