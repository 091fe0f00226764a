#include <vector>

#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/page.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<DescribeListenerCertificatesOutput>> describe_listener_certificates(
    Context& context, const DescribeListenerCertificatesInput& in) {
  const auto& book = context.world.book<ElbBook>(context.tenant);
  TRY(const auto* listener, find_listener(book, *in.ListenerArn));
  std::vector<Certificate> all;
  for (const Certificate& one : listener->value.Certificates) {
    all.push_back({.CertificateArn = one.CertificateArn, .IsDefault = true});
  }
  each_below(book.certificates, certificate_prefix(*in.ListenerArn),
             [&](const std::string&, const Kept<Certificate>& one) {
               all.push_back({.CertificateArn = one.value.CertificateArn, .IsDefault = false});
             });
  Rows<Certificate> rows;
  for (const Certificate& one : all) rows.emplace_back(one.CertificateArn.value_or(""), &one);
  DescribeListenerCertificatesOutput out;
  TRY(out.NextMarker, page(rows, in.Marker, in.PageSize,
                           [&](const Certificate& one) { out.Certificates.push_back(one); }));
  return out;
}

}  // namespace weir::amazon::elbv2
