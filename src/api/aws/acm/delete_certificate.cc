#include <fmt/format.h>

#include "api/aws/acm/book.h"
#include "api/aws/elbv2/certificates.h"
#include "api/aws/world.h"

namespace weir::amazon::acm {

Task<Reply<DeleteCertificateOutput>> delete_certificate(Context& context,
                                                        const DeleteCertificateInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  const std::string& arn = *in.CertificateArn;
  CO_TRY_VOID(find_certificate(draft.books().get<AcmBook>(), arn));
  if (!elbv2::users_of_certificate(draft.books(), arn).empty()) {
    co_return refuse("ResourceInUseException", fmt::format("Certificate {} is in use.", arn));
  }
  draft.books().edit<AcmBook>().certificates.erase(arn);
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  certificates::remove(context.world.control().desired(), arn);
  co_return DeleteCertificateOutput();
}

}  // namespace weir::amazon::acm
