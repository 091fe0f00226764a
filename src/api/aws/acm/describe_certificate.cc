#include "api/aws/acm/book.h"
#include "api/aws/elbv2/certificates.h"
#include "api/aws/world.h"

namespace weir::amazon::acm {

Task<Reply<DescribeCertificateOutput>> describe_certificate(Context& context,
                                                            const DescribeCertificateInput& in) {
  const Books& books = context.world.books(context.tenant);
  TRY(const auto* kept, find_certificate(books.get<AcmBook>(), *in.CertificateArn));
  DescribeCertificateOutput out;
  out.Certificate = kept->value;
  out.Certificate->InUseBy.give();
  for (const std::string& user : elbv2::users_of_certificate(books, *in.CertificateArn)) {
    out.Certificate->InUseBy.push_back(user);
  }
  return out;
}

}  // namespace weir::amazon::acm
