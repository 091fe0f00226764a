#include "model/tls_policy.h"

#include <fmt/format.h>

#include <vector>

#include "config/reader.h"
#include "config/suggest.h"

namespace weir {
namespace {

// AES-128 first: as strong as anybody needs, and a third cheaper than AES-256. A client without
// AES instructions puts ChaCha20 first and is given it.
constexpr char kSuites[] =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

#define FORWARD_GCM                                            \
  "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:" \
  "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"
#define FORWARD_CBC                                    \
  ":ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256" \
  ":ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384"
#define FORWARD_SHA1                             \
  ":ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA" \
  ":ECDHE-RSA-AES256-SHA:ECDHE-ECDSA-AES256-SHA"
#define STATIC_RSA ":AES128-GCM-SHA256:AES128-SHA256:AES256-GCM-SHA384:AES256-SHA256"

constexpr TlsPolicy kPolicies[] = {
    {"weir-default", true, true,
     FORWARD_GCM ":ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305", kSuites},
    {"ELBSecurityPolicy-TLS13-1-3-2021-06", false, true, "", kSuites},
    {"ELBSecurityPolicy-TLS13-1-2-2021-06", true, true, FORWARD_GCM FORWARD_CBC, kSuites},
    {"ELBSecurityPolicy-TLS13-1-2-Res-2021-06", true, true, FORWARD_GCM, kSuites},
    {"ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06", true, true, FORWARD_GCM FORWARD_CBC STATIC_RSA,
     kSuites},
    {"ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", true, true,
     FORWARD_GCM FORWARD_CBC FORWARD_SHA1 STATIC_RSA ":AES128-SHA:AES256-SHA", kSuites},
    {"ELBSecurityPolicy-FS-1-2-Res-2020-10", true, false, FORWARD_GCM, ""},
    {"ELBSecurityPolicy-FS-1-2-Res-2019-08", true, false, FORWARD_GCM FORWARD_CBC, ""},
    {"ELBSecurityPolicy-FS-1-2-2019-08", true, false, FORWARD_GCM FORWARD_CBC FORWARD_SHA1, ""},
    {"ELBSecurityPolicy-TLS-1-2-2017-01", true, false, FORWARD_GCM FORWARD_CBC STATIC_RSA, ""},
};

}  // namespace

std::span<const TlsPolicy> tls_policies() { return kPolicies; }

const TlsPolicy* find_tls_policy(std::string_view name) {
  for (const TlsPolicy& policy : kPolicies) {
    if (policy.name == name) return &policy;
  }
  return nullptr;
}

config::Verdict tls_policy_name(const std::string& text) {
  if (find_tls_policy(text)) return std::nullopt;
  std::vector<std::string> names;
  for (const TlsPolicy& policy : kPolicies) names.emplace_back(policy.name);
  const bool old = text.starts_with("ELBSecurityPolicy-");
  std::string remedy = config::did_you_mean(text, names);
  if (old || remedy.empty()) {
    remedy = fmt::format("write {}, or one of those that `weir describe policy` lists", names[2]);
  }
  return config::Complaint{fmt::format("unknown policy '{}'", config::shorten(text)),
                           std::move(remedy)};
}

}  // namespace weir
