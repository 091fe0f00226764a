#include <fmt/format.h>

#include "api/aws/iam/book.h"
#include "api/aws/world.h"

namespace weir::amazon::iam {

Task<Reply<GetServerCertificateOutput>> get_server_certificate(
    Context& context, const GetServerCertificateInput& in) {
  const auto& book = context.world.book<IamBook>(context.tenant);
  const auto* kept = book.certificates.find(*in.ServerCertificateName);
  if (kept == nullptr) {
    return refuse("NoSuchEntity",
                  fmt::format("The Server Certificate with name {} cannot be found.",
                              *in.ServerCertificateName));
  }
  GetServerCertificateOutput out;
  out.ServerCertificate = kept->value;
  for (const auto& [key, value] : kept->tags) {
    out.ServerCertificate->Tags.push_back({.Key = key, .Value = value});
  }
  return out;
}

}  // namespace weir::amazon::iam
