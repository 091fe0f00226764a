#include <algorithm>

#include "api/aws/acm/book.h"
#include "api/aws/elbv2/certificates.h"
#include "api/aws/world.h"

namespace weir::amazon::acm {

// A token is the ARN with which the next page begins.
Task<Reply<ListCertificatesOutput>> list_certificates(Context& context,
                                                      const ListCertificatesInput& in) {
  const Books& books = context.world.books(context.tenant);
  const auto& items = books.get<AcmBook>().certificates.items();
  const auto most = static_cast<std::size_t>(in.MaxItems.value_or(1000));
  const auto& wanted = in.CertificateStatuses;
  ListCertificatesOutput out;
  out.CertificateSummaryList.give();
  for (auto at = items.lower_bound(in.NextToken.value_or("")); at != items.end(); ++at) {
    const CertificateDetail& detail = at->second->value;
    if (!wanted.empty() && std::ranges::find(wanted, *detail.Status) == wanted.end()) continue;
    if (out.CertificateSummaryList.size() == most) {
      out.NextToken = at->first;
      break;
    }
    CertificateSummary summary;
    summary.CertificateArn = at->first;
    summary.DomainName = detail.DomainName;
    summary.SubjectAlternativeNameSummaries = detail.SubjectAlternativeNames;
    summary.HasAdditionalSubjectAlternativeNames = false;
    summary.Status = detail.Status;
    summary.Type = detail.Type;
    summary.KeyAlgorithm = detail.KeyAlgorithm;
    summary.InUse = !elbv2::users_of_certificate(books, at->first).empty();
    summary.RenewalEligibility = detail.RenewalEligibility;
    summary.NotBefore = detail.NotBefore;
    summary.NotAfter = detail.NotAfter;
    summary.CreatedAt = detail.CreatedAt;
    summary.ImportedAt = detail.ImportedAt;
    out.CertificateSummaryList.push_back(std::move(summary));
  }
  return out;
}

}  // namespace weir::amazon::acm
