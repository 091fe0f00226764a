// tls_policy: the named security policies of listeners: which versions and ciphers they allow.
// Names as AWS has them, and weir's own. Immutable; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/checks.h"

namespace weir {

struct TlsPolicy {
  std::string_view name;
  bool tls12 = true;
  bool tls13 = true;
  const char* ciphers = "";       // of TLS 1.2, by OpenSSL's names
  const char* ciphersuites = "";  // of TLS 1.3
};

std::span<const TlsPolicy> tls_policies();
// Null when there is none of that name.
const TlsPolicy* find_tls_policy(std::string_view name);
config::Verdict tls_policy_name(const std::string& text);

}  // namespace weir
