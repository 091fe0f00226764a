#include "api/aws/acm/book.h"
#include "api/aws/world.h"

namespace weir::amazon::acm {

Task<Reply<ListTagsForCertificateOutput>> list_tags_for_certificate(
    Context& context, const ListTagsForCertificateInput& in) {
  TRY(const auto* kept,
      find_certificate(context.world.book<AcmBook>(context.tenant), *in.CertificateArn));
  ListTagsForCertificateOutput out;
  out.Tags.give();
  for (const auto& [key, value] : kept->tags) out.Tags.push_back({.Key = key, .Value = value});
  return out;
}

}  // namespace weir::amazon::acm
