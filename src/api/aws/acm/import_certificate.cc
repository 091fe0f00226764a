// A new certificate, or another one in the place of that whose ARN is given: listeners that show it
// show the new one from then on.
#include <fmt/format.h>

#include "api/aws/acm/book.h"
#include "api/aws/world.h"
#include "api/aws/world/arn.h"

namespace weir::amazon::acm {
namespace {

std::string new_certificate_arn(const Tenant& tenant) {
  const std::string hex = draw_hex(32);
  return make_arn("acm", tenant,
                  fmt::format("certificate/{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4),
                              hex.substr(12, 4), hex.substr(16, 4), hex.substr(20)));
}

void describe(const certificates::About& about, CertificateDetail& detail) {
  detail.DomainName = about.names.empty() ? about.subject : about.names.front();
  detail.SubjectAlternativeNames = about.names;
  detail.Serial = about.serial;
  detail.Subject = about.subject;
  detail.Issuer = about.issuer;
  detail.NotBefore = about.from;
  detail.NotAfter = about.until;
  if (!about.algorithm.empty()) detail.KeyAlgorithm = about.algorithm;
  if (!about.signature.empty()) detail.SignatureAlgorithm = about.signature;
}

}  // namespace

Task<Reply<ImportCertificateOutput>> import_certificate(Context& context,
                                                        const ImportCertificateInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<AcmBook>();
  const std::string arn = in.CertificateArn.value_or(new_certificate_arn(context.tenant));
  Kept<CertificateDetail> kept;
  if (in.CertificateArn) {
    CO_TRY(const auto* known, find_certificate(book, arn));
    kept = *known;
    if (!in.Tags.empty()) {
      co_return refuse("ValidationException",
                       "Tags cannot be given when a certificate is imported "
                       "in the place of another");
    }
  }
  CO_TRY(const auto about,
         certificates::write(context.world.control().desired(), arn, *in.Certificate,
                             in.CertificateChain.value_or(""), *in.PrivateKey,
                             {"ValidationException", "ValidationException"}));
  if (!in.CertificateArn) kept.made = context.now;
  CertificateDetail& detail = kept.value;
  detail.CertificateArn = arn;
  if (!detail.CreatedAt) detail.CreatedAt = context.now;
  detail.ImportedAt = context.now;
  detail.Status = "ISSUED";
  detail.Type = "IMPORTED";
  detail.RenewalEligibility = "INELIGIBLE";
  describe(about, detail);
  for (const Tag& tag : in.Tags) kept.tags[*tag.Key] = tag.Value.value_or("");
  book.certificates.put(arn, std::move(kept));
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  ImportCertificateOutput out;
  out.CertificateArn = arn;
  co_return out;
}

}  // namespace weir::amazon::acm
