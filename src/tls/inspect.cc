#include "tls/inspect.h"

#include <fmt/format.h>

#include "base/log.h"
#include "tls/material.h"

namespace weir::tls {
namespace {

using config::Findings;
using config::Trail;

constexpr double kSoon = 14;  // days before the end that a certificate is told of

struct Inspection {
  bool strict;
  WallTime now;
  Findings& findings;
  std::vector<std::string>& warnings;

  void mistake(const Trail& where, const FileError& error) {
    findings.add(where.enter(error.key), error.what, error.remedy);
  }
  void warn(const Trail& where, const std::string& what) {
    warnings.push_back(config::to_string(where.path()) + ": " + what);
  }

  void permissions(const Trail& where, const std::string& path) {
    switch (openness(path)) {
      case Openness::world:
        findings.add(where, fmt::format("the key in '{}' is open to everybody", path),
                     fmt::format("chmod 600 {}", path));
        break;
      case Openness::group:
        warn(where, fmt::format("the key in '{}' is open to its group", path));
        break;
      case Openness::closed:
        break;
    }
  }

  void validity(const Trail& where, const std::string& path, X509* leaf) {
    if (const std::string why = not_valid_now(leaf, now); !why.empty()) {
      const std::string what = fmt::format("the certificate in '{}' {}", path, why);
      if (strict) {
        findings.add(where, what, "renew it");
      } else {
        warn(where, what);
      }
    } else if (const double days = days_left(leaf, now); days < kSoon) {
      warn(where, fmt::format("the certificate in '{}' expires in {:.0f} days", path, days));
    }
  }

  // A certificate with its key, under the keys `certificate`, `key`, `ocsp` of `where`.
  void pair(const Trail& where, const std::string& certificate, const std::string& key,
            const std::string& ocsp) {
    const auto read = read_pair(certificate, key, ocsp);
    if (!read) return mistake(where, read.error());
    const std::string_view holder = key.empty() ? "certificate" : "key";
    permissions(where.enter(holder), key.empty() ? certificate : key);
    validity(where.enter("certificate"), certificate, read->leaf.get());
    const auto second =
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    if (read->ocsp_until && second > read->ocsp_until) {
      warn(where.enter("ocsp"), fmt::format("the response in '{}' is out of date", ocsp));
    }
  }

  void authorities(const Trail& where, const std::string& path) {
    const auto read = read_authorities(path);
    if (!read) return mistake(where, read.error());
    for (const Cert& one : *read) {
      if (const std::string why = not_valid_now(one.get(), now); !why.empty()) {
        warn(where.enter("ca"), fmt::format("a certificate in '{}' {}", path, why));
      }
    }
  }

  void listener(const Trail& where, const Listener& options) {
    const Trail tls = where.enter("tls");
    const Trail list = tls.enter("certificates");
    for (std::size_t i = 0; i < options.tls.certificates.size(); ++i) {
      const TlsCertificate& one = options.tls.certificates[i];
      pair(list.item(i), one.certificate, one.key, one.ocsp);
    }
    if (options.tls.mutual_authentication.ca.empty()) return;
    authorities(tls.enter("mutual_authentication"), options.tls.mutual_authentication.ca);
  }

  void group(const Trail& where, const TargetGroup& options) {
    const Trail tls = where.enter("tls");
    if (!options.tls.ca.empty()) authorities(tls, options.tls.ca);
    if (!options.tls.certificate.empty()) pair(tls, options.tls.certificate, options.tls.key, "");
  }
};

}  // namespace

void inspect(const Desired& desired, bool strict, WallTime now, Findings& findings,
             std::vector<std::string>& warnings) {
  Inspection inspection{strict, now, findings, warnings};
  const Trail root;
  const Trail listeners = root.enter("listeners");
  for (const auto& [name, listener] : desired.listeners) {
    if (is_secure(listener)) inspection.listener(listeners.enter(name), listener);
  }
  const Trail groups = root.enter("target_groups");
  for (const auto& [name, group] : desired.target_groups) {
    inspection.group(groups.enter(name), group);
  }
}

Host strict_host(std::vector<std::string>& warnings) {
  Host host = this_host();
  host.inspect = [&warnings](const Desired& desired, Findings& findings) {
    inspect(desired, true, system_clock().wall(), findings, warnings);
  };
  return host;
}

Host host() {
  Host host = this_host();
  host.inspect = [](const Desired& desired, Findings& findings) {
    std::vector<std::string> warnings;
    inspect(desired, false, system_clock().wall(), findings, warnings);
    for (const std::string& warning : warnings) LOG(warn, "config", {"warning", warning});
  };
  return host;
}

}  // namespace weir::tls
